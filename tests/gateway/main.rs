//! The gateway between a client and a server that do what tests need: what reaches the server, what reaches the client,
//! what is on the disk afterwards.
#![cfg(unix)]

mod asks;
mod calls;
mod http;
mod servers;
mod talk;
