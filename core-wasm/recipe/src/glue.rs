//! The module's JavaScript side: wasm-bindgen's glue, made into an ES module whose every `create` is a new instance.

use wasm_bindgen_cli_support::Bindgen;

use crate::Problem;

/// The files of dist/ that do not describe the others.
pub(crate) struct Dist {
    pub(crate) module: Vec<u8>,
    pub(crate) glue: String,
    pub(crate) dts: String,
}

/// Lets wasm-bindgen finish the module and write its glue.
pub(crate) fn bind(module: &[u8]) -> Result<Dist, Problem> {
    let mut output = Bindgen::new()
        .input_bytes("gait_core", module.to_vec())
        // The only flavour whose state is not one per page or process, so that it can be wrapped.
        .no_modules(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .omit_default_module_path(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate_output()
        })
        .map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    let dts = types(output.ts().unwrap_or_default()).ok_or("wasm-bindgen's types have another form than expected")?;
    Ok(Dist { glue: wrap(output.js()), dts, module: output.wasm_mut().emit_wasm() })
}

/// Everything wasm-bindgen wrote, inside the function that makes an instance.
fn wrap(generated: &str) -> String {
    format!(
        "// Written by `make core`; the types are in gait_core.d.ts.\n\
         /* eslint-disable */\n\
         export function create(module) {{\n\
         {}\n\
         wasm_bindgen.initSync({{ module }});\n\
         return wasm_bindgen;\n\
         }}\n",
        generated.trim()
    )
}

/// The types of the exported functions, as the interface of what `create` returns.
fn types(generated: &str) -> Option<String> {
    let (_, after) = generated.split_once("declare namespace wasm_bindgen {")?;
    let (functions, _) = after.split_once("\n}")?;
    let members = functions
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("/* "))
        .map(|line| format!("  {}\n", line.strip_prefix("export function ").unwrap_or(line)))
        .collect::<String>();
    members.contains("  call(").then(|| {
        format!(
            "// Written by `make core`.\n\n\
             /** One instance of the core: one conversation, with a memory of its own. */\n\
             export interface Instance {{\n{members}}}\n\n\
             /** Makes an instance of the compiled `gait_core.wasm`; takes a fraction of a millisecond. */\n\
             export function create(module: WebAssembly.Module): Instance;\n"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::types;

    #[test]
    fn functions_become_members() {
        let generated = "declare namespace wasm_bindgen {\n/* tslint:disable */\n/* eslint-disable */\n\n/**\n * Asks.\n */\nexport function call(op: string): void;\n\n}\ndeclare type X = 1;";
        let types = types(generated).unwrap_or_default();
        assert!(
            types.contains("export interface Instance {\n  /**\n   * Asks.\n   */\n  call(op: string): void;\n}"),
            "{types}"
        );
        assert_eq!(super::types("declare namespace other {}"), None);
    }
}
