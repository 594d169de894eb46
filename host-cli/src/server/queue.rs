//! Work that waits for a thread: bounded, so that a server under too much load says so instead of growing.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    wake: Condvar,
    limit: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Threads that wait for work and have not been called. Calling is a trip into the system, so nobody is called when
    /// all of them are busy. There may be fewer than it says, never more.
    asleep: usize,
    closed: bool,
}

impl<T> Queue<T> {
    /// A queue that holds so many.
    pub fn new(limit: usize) -> Self {
        Self {
            state: Mutex::new(State { waiting: VecDeque::new(), asleep: 0, closed: false }),
            wake: Condvar::new(),
            limit,
        }
    }

    /// Adds work, unless there is too much already or no more is taken.
    pub fn push(&self, work: T) -> Result<(), T> {
        let mut state = self.state();
        if state.closed || state.waiting.len() >= self.limit {
            return Err(work);
        }
        state.waiting.push_back(work);
        let calls = state.asleep > 0;
        state.asleep -= usize::from(calls);
        drop(state);
        if calls {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Waits for work; none when there will be no more.
    pub fn pop(&self) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(work) = state.waiting.pop_front() {
                return Some(work);
            }
            if state.closed {
                return None;
            }
            state.asleep += 1;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for work, and takes what else is there, up to so many.
    pub fn pop_batch(&self, most: usize) -> Vec<T> {
        let Some(first) = self.pop() else { return Vec::new() };
        let mut batch = vec![first];
        let mut state = self.state();
        let more = state.waiting.len().min(most.saturating_sub(1));
        batch.extend(state.waiting.drain(..more));
        batch
    }

    /// No more work comes; what waits is still done.
    pub fn close(&self) {
        self.state().closed = true;
        self.wake.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here is half-done when a thread panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn nobody_sleeps_beside_work() {
        let (queue, done) = (Queue::<usize>::new(4_000), std::sync::atomic::AtomicUsize::new(0));
        std::thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| {
                    while queue.pop().is_some() {
                        done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                });
            }
            for round in 0..200 {
                for work in 0..round % 7 {
                    assert_eq!(queue.push(work), Ok(()));
                }
                while round % 3 == 0 && !queue.state().waiting.is_empty() {
                    std::thread::yield_now();
                }
            }
            queue.close();
        });
        assert_eq!(done.into_inner(), (0..200).map(|round| round % 7).sum::<usize>());
    }

    #[test]
    fn it_is_bounded_and_drained() {
        let queue = Queue::new(3);
        for work in 1..=3 {
            assert_eq!(queue.push(work), Ok(()));
        }
        assert_eq!(queue.push(4), Err(4));
        assert_eq!(queue.pop(), Some(1));
        queue.close();
        assert_eq!(queue.push(5), Err(5));
        assert_eq!(queue.pop_batch(9), [2, 3]);
        assert!(queue.pop_batch(9).is_empty());
    }
}
