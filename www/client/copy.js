// Copy buttons: of a console session the commands, of everything else all of it.
export function copyButtons() {
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll(".code")) {
    const button = block.querySelector(".copy");
    if (!button) continue;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let said = "Copied";
      try {
        await navigator.clipboard.writeText(textOf(block));
      } catch {
        said = "Not allowed";
      }
      button.textContent = said;
      button.classList.add("done");
      announce(said);
      setTimeout(() => {
        button.textContent = label;
        button.classList.remove("done");
      }, 1600);
    });
  }
}

function textOf(block) {
  if (block.dataset.language !== "console") return block.querySelector("code").textContent;
  return [...block.querySelectorAll(".command")].map((command) => command.textContent).join("\n");
}

/** Says something to screen readers. */
function announce(text) {
  let region = document.getElementById("said");
  if (!region) {
    region = document.createElement("div");
    region.id = "said";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = text;
}
