//! Runs the work on pixels in a fixed number of threads, apart from those that serve the
//! network, and a bounded number of requests before them.
//!
//! An upload holds a [`BodyPermit`] from before its body is read until its response; there are [`BODIES_PER_JOB`]
//! times as many of them as job permits, so that clients who send slowly, or not at all, take no worker from
//! those who have sent. Only once its form is complete does it take a [`JobPermit`], and keeps it until its
//! last job is done or dropped. So both together bound what lies in memory, the job permits bound how long
//! a request waits, and the threads bound how many decoded images there are.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Instant,
};

use perse_protocol::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{error::Failure, metrics::Metrics};

/// Number of bodies that may be in memory for each permit.
const BODIES_PER_JOB: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// The worker threads. They end when the pool is dropped.
pub(crate) struct Pool {
    jobs: mpsc::Sender<Job>,
    bodies_left: Arc<Semaphore>,
    jobs_left: Arc<Semaphore>,
    capacity: usize,
    metrics: Arc<Metrics>,
}

impl Pool {
    /// Starts the threads; `queue` requests may wait beside those that are worked on.
    pub(crate) fn new(workers: usize, queue: usize, metrics: Arc<Metrics>) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..workers {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name(format!("worker-{number}")).spawn(move || work_off(&waiting))?;
        }
        let capacity = workers.saturating_add(queue).min(Semaphore::MAX_PERMITS);
        let of = |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        let bodies_left = of(capacity.saturating_mul(BODIES_PER_JOB));
        Ok(Self { jobs, bodies_left, jobs_left: of(capacity), capacity, metrics })
    }

    /// The largest number of requests that may hold or await a thread.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The number of requests that do.
    pub(crate) fn pending(&self) -> usize {
        self.capacity.saturating_sub(self.jobs_left.available_permits())
    }

    /// The right to read one body, or [`Code::ServerBusy`] when too many are read already.
    pub(crate) fn acquire_body(&self) -> Result<BodyPermit, Failure> {
        let permit = Arc::clone(&self.bodies_left).try_acquire_owned().map_err(|_| Code::ServerBusy)?;
        Ok(BodyPermit(permit))
    }

    /// A permit for one request, or [`Code::ServerBusy`] when all are taken.
    pub(crate) fn acquire_job(&self) -> Result<JobPermit, Failure> {
        let permit = Arc::clone(&self.jobs_left).try_acquire_owned().map_err(|_| Code::ServerBusy)?;
        let (jobs, metrics) = (self.jobs.clone(), Arc::clone(&self.metrics));
        Ok(JobPermit { jobs, permit: Arc::new(permit), metrics })
    }
}

/// Does one job after another until the pool is dropped.
fn work_off(waiting: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            // A job that panics drops its response, and its request fails; the thread lives on.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(job))),
            Err(mpsc::RecvError) => return,
        }
    }
}

/// One request's right to have a body in memory, until it is dropped.
pub(crate) struct BodyPermit(#[expect(dead_code, reason = "held, not looked at")] OwnedSemaphorePermit);

/// One request's right to have jobs done.
pub(crate) struct JobPermit {
    jobs: mpsc::Sender<Job>,
    permit: Arc<OwnedSemaphorePermit>,
    metrics: Arc<Metrics>,
}

impl JobPermit {
    /// Does the job on a worker thread, when its turn comes. If the caller is dropped before that, as
    /// it is when the client goes away, the job is not done at all.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let (permit, metrics, sent) = (Arc::clone(&self.permit), Arc::clone(&self.metrics), Instant::now());
        let job = move || {
            if !answer.is_closed() {
                let begun = Instant::now();
                // The request may be gone; then the response is of no use.
                let _ = answer.send(job());
                metrics.add_job(begun.duration_since(sent), begun.elapsed());
            }
            drop(permit);
        };
        self.jobs.send(Box::new(job)).map_err(|_| Code::ServerError)?;
        answered.await.map_err(|_| {
            tracing::error!("a job failed");
            Code::ServerError.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use perse_protocol::Code;

    use super::{BODIES_PER_JOB, Pool};

    fn start_pool(workers: usize, queue: usize) -> std::io::Result<Pool> {
        Pool::new(workers, queue, Arc::default())
    }

    #[tokio::test]
    async fn does_jobs_on_its_own_threads() {
        let pool = start_pool(2, 0).unwrap();
        let permit = pool.acquire_job().unwrap();
        let name = || std::thread::current().name().map(str::to_owned);
        let (one, other) = tokio::join!(permit.run(name), permit.run(name));
        assert!(one.unwrap().unwrap().starts_with("worker-"));
        assert!(other.unwrap().unwrap().starts_with("worker-"));
    }

    #[tokio::test]
    async fn places_are_bounded_and_come_back() {
        let pool = start_pool(1, 1).unwrap();
        let (one, other) = (pool.acquire_job().unwrap(), pool.acquire_job().unwrap());
        assert_eq!(pool.acquire_job().err().unwrap().code(), Code::ServerBusy);
        drop(one);
        let again = pool.acquire_job().unwrap();
        assert!(pool.acquire_job().is_err());
        assert_eq!(again.run(|| 1).await.unwrap() + other.run(|| 1).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn bodies_are_bounded_apart_from_places_and_come_back() {
        let pool = start_pool(1, 1).unwrap();
        let mut bodies_left: Vec<_> = (0..2 * BODIES_PER_JOB).map(|_| pool.acquire_body().unwrap()).collect();
        assert_eq!(pool.acquire_body().err().unwrap().code(), Code::ServerBusy);
        let permit = pool.acquire_job().unwrap();
        bodies_left.pop();
        let _again = pool.acquire_body().unwrap();
        assert!(pool.acquire_body().is_err());
        assert_eq!(permit.run(|| 1).await.unwrap(), 1);
        assert!(start_pool(1, usize::MAX).unwrap().acquire_body().is_ok());
    }

    #[tokio::test]
    async fn a_panic_fails_its_request_and_not_the_next() {
        let pool = start_pool(1, 1).unwrap();
        let permit = pool.acquire_job().unwrap();
        let failure = permit.run(|| assert!(std::hint::black_box(false), "on purpose")).await.err().unwrap();
        assert_eq!(failure.code(), Code::ServerError);
        assert_eq!(permit.run(|| 5).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_not_begun() {
        let pool = start_pool(1, 2).unwrap();
        let done = Arc::new(AtomicUsize::new(0));
        let (release, gate) = mpsc::channel::<()>();
        let first = pool.acquire_job().unwrap();
        let blocked = tokio::spawn(async move { first.run(move || gate.recv().unwrap()).await });
        let abandoned = {
            let (permit, done) = (pool.acquire_job().unwrap(), Arc::clone(&done));
            tokio::spawn(async move { permit.run(move || done.fetch_add(1, Ordering::SeqCst)).await })
        };
        tokio::task::yield_now().await;
        abandoned.abort();
        assert!(abandoned.await.unwrap_err().is_cancelled());
        release.send(()).unwrap();
        blocked.await.unwrap().unwrap();
        // One thread does its jobs in order: once this one is done, the abandoned one was skipped.
        pool.acquire_job().unwrap().run(|| ()).await.unwrap();
        assert_eq!(done.load(Ordering::SeqCst), 0);
    }
}
