//! The functions the module exports, and the core's only `unsafe`. What they answer is decided in gait-core.
//!
//! Two doors to one [`Core`]: [`gait_alloc`] and [`gait_call`] move plain bytes and suit any WebAssembly runtime;
//! [`call`] does the same for JavaScript, with typed glue. The module imports nothing. An instance is one
//! conversation: it holds the running operation, so concurrent operations want an instance each.

use std::alloc::{Layout, alloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use gait_core::Core;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static CORE: RefCell<Core> = RefCell::default();
    /// The latest reply of [`gait_call`], length first. It lives until the next call.
    static REPLY: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Starts the operation `op` with a request, or goes on with the running one; the reply is the frame of one step.
#[wasm_bindgen]
pub fn call(op: &str, request: Vec<u8>) -> Vec<u8> {
    CORE.with_borrow_mut(|core| core.call(op, request))
}

/// Room for `len` bytes that the caller fills and then hands over with [`gait_call`].
#[unsafe(no_mangle)]
pub extern "C" fn gait_alloc(len: usize) -> *mut u8 {
    if len == 0 {
        return NonNull::dangling().as_ptr();
    }
    let Ok(layout) = Layout::array::<u8>(len) else { handle_alloc_error(Layout::new::<u8>()) };
    // SAFETY: the layout's size is not zero.
    let room = unsafe { alloc(layout) };
    if room.is_null() {
        handle_alloc_error(layout);
    }
    room
}

/// Does what [`call`] does with two buffers from [`gait_alloc`], and takes both over: they are not copied, and the
/// caller neither uses nor frees them again. An `op` that is not UTF-8 names no operation and is answered as such.
///
/// Returns the address of the reply, which begins with its length as 32-bit little-endian and stays where it is
/// until the next call.
///
/// # Safety
///
/// Both pointers come from [`gait_alloc`] with the lengths given here, every byte was written, and neither was
/// handed over before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_call(op: *mut u8, op_len: usize, request: *mut u8, request_len: usize) -> *const u8 {
    // SAFETY: the caller vouches for pointer, length and contents; `gait_alloc` allocated exactly `len` bytes.
    let (op, request) =
        unsafe { (Vec::from_raw_parts(op, op_len, op_len), Vec::from_raw_parts(request, request_len, request_len)) };
    let frame = call(&String::from_utf8_lossy(&op), request);
    let mut reply = Vec::with_capacity(4 + frame.len());
    reply.extend_from_slice(&u32::try_from(frame.len()).unwrap_or(u32::MAX).to_le_bytes());
    reply.extend_from_slice(&frame);
    let address = reply.as_ptr();
    REPLY.set(reply);
    address
}

#[cfg(test)]
mod tests {
    use super::{call, gait_alloc, gait_call};

    /// Hands `op` and `request` over the way a host does, and copies the reply out.
    fn through_the_door(op: &[u8], request: &[u8]) -> Vec<u8> {
        let hand_over = |bytes: &[u8]| {
            let room = gait_alloc(bytes.len());
            // SAFETY: `room` has space for exactly these bytes.
            unsafe { room.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            room
        };
        let (op_room, request_room) = (hand_over(op), hand_over(request));
        // SAFETY: both buffers were allocated and filled just now.
        let reply = unsafe { gait_call(op_room, op.len(), request_room, request.len()) };
        // SAFETY: a reply begins with four bytes of length, and that many bytes follow.
        unsafe {
            let length = u32::from_le_bytes(*reply.cast::<[u8; 4]>());
            std::slice::from_raw_parts(reply.add(4), length as usize).to_vec()
        }
    }

    #[test]
    fn both_doors_lead_to_the_same_answers() {
        for (op, request) in [("no such op", &b""[..]), ("verify", b"{}"), ("verify", b"["), ("continue", b"x")] {
            assert_eq!(through_the_door(op.as_bytes(), request), call(op, request.to_vec()), "{op}");
        }
    }

    #[test]
    fn an_operation_that_is_not_text_is_refused() {
        let reply = through_the_door(&[0xff], b"");
        assert!(String::from_utf8_lossy(&reply).contains("unknown_op"), "{reply:?}");
    }
}
