//! End-to-end tests: they drive the built binary over its real surfaces (processes, signals,
//! sockets, files) and nothing else.

mod alerts;
mod architecture;
mod check;
mod command_line;
mod data;
mod durability;
mod local_loop;
mod process;
mod start_up;
mod target;
