//! A storage for measuring clients: reads at full speed, and answers as Azure would.
//!
//! `sink [--keep] [--stall-after BLOCKS]` prints its port and serves until it is killed. Without `--keep` content is
//! dropped in the kernel and only lengths are remembered; with it the content can be read again. Tokens, checksums and
//! permissions are not looked at. With `--stall-after` no further block is taken once there are so many, until somebody
//! gets `/go`. `/counts` tells how many requests of each kind there were, in JSON.

mod content;
mod http;
mod service;
mod store;

use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use http::Connection;
use service::Service;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let stall_after = arguments.iter().position(|argument| argument == "--stall-after");
    let stall_after = stall_after.map(|at| arguments[at + 1].parse().expect("--stall-after takes a number"));
    let keeps = arguments.iter().any(|argument| argument == "--keep");
    let service = Arc::new(Service::new(keeps, stall_after));
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?.port());
    io::stdout().flush()?;
    for stream in listener.incoming() {
        let (service, stream) = (Arc::clone(&service), stream?);
        // A client that goes away ends its connection, and nothing else.
        thread::spawn(move || serve(&service, stream));
    }
    Ok(())
}

fn serve(service: &Service, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream);
    while let Some(request) = connection.request()? {
        let reply = service.answer(&request, &mut connection)?;
        connection.reply(&request, &reply)?;
    }
    Ok(())
}
