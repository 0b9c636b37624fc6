//! The calls into `shim.cpp`, each with what makes it safe.
#![allow(unsafe_code, reason = "libtorch's c10d has no other door")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::IntoRawFd;
use std::ptr::{NonNull, null_mut};
use std::time::Duration;

use tch::{TchError, Tensor};

unsafe extern "C" {
    fn trainyard_load(name: *const c_char) -> *mut c_char;
    fn trainyard_group_join(
        host: *const c_char,
        port: u16,
        listener: c_int,
        rank: c_int,
        size: c_int,
        patience_ms: i64,
        silence_ms: i64,
        error: *mut *mut c_char,
    ) -> *mut c_void;
    fn trainyard_group_leave(group: *mut c_void);
    fn trainyard_group_add_up(group: *mut c_void, tensor: *mut c_void, error: *mut *mut c_char) -> bool;
    fn trainyard_group_hand_out(
        group: *mut c_void,
        tensor: *mut c_void,
        patience_ms: i64,
        error: *mut *mut c_char,
    ) -> bool;
    fn trainyard_group_sum(group: *mut c_void, own: *mut c_void, error: *mut *mut c_char) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

/// Loads a library by the name of its file, wherever the loader finds it, or says why not.
pub fn load(name: &str) -> Result<(), String> {
    let name = CString::new(name).map_err(|error| error.to_string())?;
    // SAFETY: the name lives for the call; what the library runs when it is loaded is libtorch's own.
    let error = unsafe { trainyard_load(name.as_ptr()) };
    if error.is_null() { Ok(()) } else { Err(taken(error)) }
}

/// A group that this process has joined.
#[derive(Debug)]
pub struct Joined(NonNull<c_void>);

impl Joined {
    /// `listener` listens at `at`, and only the process that leads has one.
    pub fn join(
        at: SocketAddr,
        listener: Option<TcpListener>,
        rank: usize,
        size: usize,
        patience: Duration,
        silence: Duration,
    ) -> Result<Joined, TchError> {
        let host = CString::new(at.ip().to_string()).expect("an address has no zero in it");
        let listener = listener.map_or(-1, IntoRawFd::into_raw_fd);
        let (rank, size) = (rank as c_int, size as c_int);
        let (patience, silence) = (patience.as_millis() as i64, silence.as_millis() as i64);
        told(|error| {
            // SAFETY: `host` lives for the call, and the store owns the socket from here on.
            let group = unsafe {
                let host = host.as_ptr();
                trainyard_group_join(host, at.port(), listener, rank, size, patience, silence, error)
            };
            NonNull::new(group).map(Joined)
        })
    }

    /// In place; `tensor` is contiguous and on the CPU.
    pub fn add_up(&self, tensor: &Tensor) -> Result<(), TchError> {
        told(|error| {
            // SAFETY: group and tensor live for the call, and the tensor is only written where it points to.
            let is_done = unsafe { trainyard_group_add_up(self.0.as_ptr(), pointer(tensor), error) };
            is_done.then_some(())
        })
    }

    /// In place, of the first process; `tensor` is contiguous and on the CPU.
    pub fn hand_out(&self, tensor: &Tensor, patience: Duration) -> Result<(), TchError> {
        let patience = patience.as_millis() as i64;
        told(|error| {
            // SAFETY: as in `add_up`.
            let is_done =
                unsafe { trainyard_group_hand_out(self.0.as_ptr(), pointer(tensor), patience, error) };
            is_done.then_some(())
        })
    }

    /// With a gradient.
    pub fn sum(&self, own: &Tensor) -> Result<Tensor, TchError> {
        told(|error| {
            // SAFETY: group and tensor live for the call; what comes back is new, and the tensor that is made of it owns it.
            unsafe {
                let sum = trainyard_group_sum(self.0.as_ptr(), pointer(own), error);
                (!sum.is_null()).then(|| Tensor::from_ptr(sum.cast()))
            }
        })
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // SAFETY: nobody else has this pointer.
        unsafe { trainyard_group_leave(self.0.as_ptr()) }
    }
}

/// libtorch's own pointer is to a tensor that counts who holds it.
fn pointer(tensor: &Tensor) -> *mut c_void {
    tensor.as_ptr().cast_mut().cast()
}

/// What C++ has thrown is the error.
fn told<T>(call: impl FnOnce(*mut *mut c_char) -> Option<T>) -> Result<T, TchError> {
    let mut error = null_mut();
    call(&mut error).ok_or_else(|| {
        if error.is_null() {
            return TchError::Torch("a group of processes failed without a word".to_owned());
        }
        TchError::Torch(taken(error))
    })
}

/// A text that C++ has made for us.
fn taken(text: *mut c_char) -> String {
    // SAFETY: it ends with a zero, nobody else has it, and it is freed once it is copied.
    unsafe {
        let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
        free(text.cast());
        copy
    }
}
