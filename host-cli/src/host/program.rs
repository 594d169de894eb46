//! Asking other programs: one question, one answer, and never without an end.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::interrupt;

/// How often a waiting gait looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// How much a program may take and say.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long it may take.
    pub patience: Duration,
    /// Bytes it may print, on both streams together.
    pub bytes: usize,
}

/// What a program prints on standard output, if it ends well, in time, and says little enough.
pub fn ask(program: &str, arguments: &[String], input: &str, limits: Limits) -> Option<Zeroizing<Vec<u8>>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that nothing it started outlives the time it has.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().ok()?;
    let began = Instant::now();
    match listen(&mut child, input.as_bytes().to_vec(), began, limits) {
        Some(printed) if ended_well(&mut child, began, limits) => Some(printed),
        Some(_) => None,
        None => {
            end(&mut child);
            None
        }
    }
}

/// Feeds the program and collects what it prints, until both streams are closed.
fn listen(child: &mut Child, input: Vec<u8>, began: Instant, limits: Limits) -> Option<Zeroizing<Vec<u8>>> {
    let (mut to, from) = (child.stdin.take()?, [child.stdout.take().map(boxed)?, child.stderr.take().map(boxed)?]);
    // It need not read what it is told, so a pipe that breaks says nothing.
    std::thread::spawn(move || to.write_all(&input));
    let (send, receive) = mpsc::channel();
    for (index, stream) in from.into_iter().enumerate() {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut bytes = Zeroizing::new(Vec::with_capacity(limits.bytes + 1));
            let read = stream.take(limits.bytes as u64 + 1).read_to_end(&mut bytes);
            // Nobody listens any more when the program took too long.
            let _ = send.send((index, read.ok().map(|_| bytes)));
        });
    }
    let mut printed = [Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new())];
    let mut open = printed.len();
    while open > 0 {
        match receive.recv_timeout(LOOK) {
            Ok((index, bytes)) => {
                *printed.get_mut(index)? = bytes?;
                open -= 1;
                if printed.iter().map(|bytes| bytes.len()).sum::<usize>() > limits.bytes {
                    return None;
                }
            }
            Err(_) if began.elapsed() >= limits.patience || interrupt::pending() => return None,
            Err(_) => {}
        }
    }
    printed.into_iter().next()
}

/// Waits for a program that has closed both streams.
fn ended_well(child: &mut Child, began: Instant, limits: Limits) -> bool {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if began.elapsed() < limits.patience && !interrupt::pending() => {
                std::thread::sleep(Duration::from_millis(1));
            }
            _ => {
                end(child);
                return false;
            }
        }
    }
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

/// Ends a program that was not waited for, and everything it started. Until it is waited for, its number is nobody
/// else's, even if it has ended by itself.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn limits_hold() {
        let ask = |script: &str, milliseconds, bytes| {
            let limits = Limits { patience: Duration::from_millis(milliseconds), bytes };
            ask("sh", &["-c".into(), script.into()], "", limits).map(|printed| printed.to_vec())
        };
        assert_eq!(ask("printf key", 5_000, 3).as_deref(), Some(&b"key"[..]));
        assert_eq!(ask("printf keys", 5_000, 3), None);
        assert_eq!(ask("printf ke; printf ys >&2", 5_000, 3), None);
        let began = Instant::now();
        assert_eq!(ask("sleep 20", 200, 3), None);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
