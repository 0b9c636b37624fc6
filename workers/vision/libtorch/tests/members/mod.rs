//! Groups of threads, each with what a process would have.

use std::net::TcpListener;
use std::thread;

use trainyard_libtorch::Group;

/// What each of `size` members makes of its group, in the order of their ranks.
pub fn together<T: Send>(size: usize, work: impl Fn(Group) -> T + Sync) -> Vec<T> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, work) = (listener.local_addr().expect("an address"), &work);
    thread::scope(|scope| {
        let lead = scope.spawn(move || work(Group::lead(listener, size).expect("a group")));
        let join = |rank| scope.spawn(move || work(Group::join(address, rank, size).expect("a group")));
        let others: Vec<_> = (1..size).map(join).collect();
        std::iter::once(lead).chain(others).map(|member| member.join().expect("no panic")).collect()
    })
}
