//! Which servers stand behind a gateway, from the file that names them.

use gait_contract::Fault;
use gait_contract::mcp_servers::{McpServer, McpServersRequest, McpUpstream};

use crate::core::Core;
use crate::host::documents::Documents;

/// Reads the file. What it leaves open about a server, `usual` says.
pub fn read(path: &str, usual: &McpUpstream) -> Result<Vec<McpServer>, Fault> {
    let request = McpServersRequest { servers: path.to_owned() };
    let mut servers = Core::load()?.session()?.call(&request, &mut Documents::new())?.servers;
    for server in &mut servers {
        let upstream = &mut server.upstream;
        for (said, usual) in
            [(&mut upstream.workspace, &usual.workspace), (&mut upstream.risk_class, &usual.risk_class)]
        {
            if said.is_empty() {
                said.clone_from(usual);
            }
        }
    }
    Ok(servers)
}
