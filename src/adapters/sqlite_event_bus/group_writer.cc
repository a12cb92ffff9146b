#include "adapters/sqlite_event_bus/group_writer.h"

#include <algorithm>

#include "ports/event_bus_rules.h"

namespace seshat::sqlite_event_bus {
namespace {

// Beyond this a transaction gains nothing more and only makes its first caller wait.
constexpr size_t kMaxInBatch = 512;

}  // namespace

GroupWriter::GroupWriter(std::unique_ptr<sqlite::Database> db, Clock& clock, const std::filesystem::path& wake_file)
    : db_(std::move(db)),
      store_(*db_),
      clock_(clock),
      wake_word_(wake_file),
      writer_([this] { WriteLoop(); }),
      listener_([this] { ListenLoop(); }) {}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  listen_.notify_one();
  wake_word_.Ring();  // the listener may be waiting for it
}

Status GroupWriter::Run(const Body& body) {
  const auto request = std::make_shared<Request>();
  request->body = &body;
  Enqueue(request);
  for (State state = State::kQueued; state != State::kDone; state = request->state.load()) request->state.wait(state);
  return std::move(request->result);
}

Result<std::vector<Delivery>> GroupWriter::Receive(std::string_view subscription, const ReceiveOptions& options,
                                                   const std::stop_token& stop) {
  const auto deadline = clock_.SteadyNow() + options.wait;
  const auto request = std::make_shared<Request>();
  request->subscription = subscription;
  request->options = options;
  if (stop.stop_requested()) request->options.wait = std::chrono::milliseconds(0);
  Enqueue(request);
  while (true) {
    const State state = request->state.load();
    if (state == State::kDone) break;
    if (state != State::kParked) {
      request->state.wait(state);
    } else if (!SleepParked(request, deadline, stop)) {
      return std::vector<Delivery>();
    }
  }
  SESHAT_TRY(request->result);
  return std::move(request->deliveries);
}

// False when the wait is over and the request is no longer with the writer.
bool GroupWriter::SleepParked(const Pointer& request, std::chrono::steady_clock::time_point deadline,
                              const std::stop_token& stop) {
  std::optional<Timestamp> next_due;
  std::stop_source wake;
  {
    const std::lock_guard lock(mutex_);
    if (request->state != State::kParked) return true;
    request->wake = wake;
    next_due = request->next_due;
  }
  std::chrono::nanoseconds nap = deadline - clock_.SteadyNow();
  if (next_due) nap = std::min(nap, *next_due - clock_.Now());
  if (nap.count() > 0) {
    const std::stop_callback pass_on(stop, [&wake] { wake.request_stop(); });
    clock_.SleepFor(nap, wake.get_token());
  }
  if (next_due && clock_.Now() >= *next_due && Unpark(request)) {
    request->options.wait =
        std::max(std::chrono::milliseconds(0),
                 std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.SteadyNow()));
    request->state = State::kQueued;
    Enqueue(request);
    return true;
  }
  if (stop.stop_requested() || clock_.SteadyNow() >= deadline) return !Unpark(request);
  return true;
}

bool GroupWriter::Unpark(const Pointer& request) {
  const std::lock_guard lock(mutex_);
  return std::erase(parked_, request) > 0;
}

void GroupWriter::Enqueue(const Pointer& request) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = queue_.empty();
    queue_.push_back(request);
  }
  if (first) work_.notify_one();
}

GroupWriter::Requests GroupWriter::TakeBatch() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return stopping_ || look_again_ || !queue_.empty(); });
  // The callers of the last batch are on their way back with their next request: a fsync shared with them is
  // worth the moment that it takes them to get here.
  for (size_t turns = 0; turns < 2 * last_batch_ && queue_.size() < last_batch_; ++turns) {
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxInBatch));
  Requests batch(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  last_batch_ = batch.size();
  looking_again_ = std::exchange(look_again_, false);
  for (auto& request : batch) request->looked = true;
  for (auto& request : parked_) request->looked = false;
  batch.insert(batch.end(), parked_.begin(), parked_.end());
  parked_.clear();
  for (auto& request : batch) request->state = State::kTaken;
  return batch;
}

void GroupWriter::WriteLoop() {
  while (true) {
    const Requests batch = TakeBatch();
    if (!batch.empty()) {
      Commit(batch);
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
}

void GroupWriter::Commit(const Requests& batch) {
  Status status = Attempt(batch);
  bool stirred = status && store_.stirred();
  if (!status) {
    // A lock that is not let go and a disk that fails would only fail each of them again, one after the other.
    const bool common = status.error().code == ErrorCode::kUnavailable;
    looking_again_ = true;
    for (const auto& request : batch) {
      if (batch.size() > 1 && !common) status = Attempt({&request, 1});
      stirred = stirred || (status && store_.stirred());
      if (status) continue;
      request->result = status;
      request->deliveries.clear();
    }
  }
  Finish(batch, stirred);
}

Status GroupWriter::Attempt(std::span<const Pointer> batch) {
  Status status = db_->Transact([&]() -> Status {
    const Timestamp now = clock_.Now();
    SESHAT_TRY(store_.Begin());
    SESHAT_TRY(RunBodies(batch, now));
    SESHAT_TRY(ServeConsumers(batch, now));
    return store_.Finish();
  });
  if (!status) store_.Forget();
  return status;
}

Status GroupWriter::RunBodies(std::span<const Pointer> batch, Timestamp now) {
  for (const auto& request : batch) {
    if (request->body == nullptr) continue;
    request->result = (*request->body)(store_, now);
    // What is not there was not touched either: the others need not know.
    const bool harmless = request->result || request->result.error().code == ErrorCode::kNotFound;
    if (!harmless) return request->result;
  }
  return {};
}

// Gives consumers, the new ones and the parked ones, what has become ready; then notes for those left with
// nothing when to look again.
Status GroupWriter::ServeConsumers(std::span<const Pointer> batch, Timestamp now) {
  const bool all = looking_again_ || store_.stirred();
  for (const auto& request : batch) {
    if (request->body != nullptr) continue;
    request->looked = request->looked || all;
    if (!request->looked) continue;
    request->deliveries.clear();
    const auto number = store_.Find(request->subscription);
    request->result = number ? Status() : std::unexpected(number.error());
    if (!number) continue;
    SESHAT_ASSIGN(request->deliveries, store_.Claim(*number, request->options.max_events, request->options.lease, now));
  }
  for (const auto& request : batch) {
    if (request->body != nullptr || !request->looked || !request->result || !request->deliveries.empty()) continue;
    SESHAT_ASSIGN(const int64_t number, store_.Find(request->subscription));
    SESHAT_ASSIGN(const auto next_due, store_.NextDue(number));
    request->sooner = next_due && (!request->next_due || *next_due < *request->next_due);
    request->next_due = next_due;
  }
  return {};
}

void GroupWriter::Finish(const Requests& batch, bool stirred) {
  const auto waits_on = [](const Request& r) {
    return r.body == nullptr && r.result && r.deliveries.empty() && r.options.wait.count() > 0;
  };
  Requests answered;
  answered.reserve(batch.size());
  {
    const std::lock_guard lock(mutex_);
    if (stirred) {
      // Our own ringing is no news to our own listener, anybody else's is.
      const uint32_t before = wake_word_.Ring();
      if (before == word_seen_) ++word_seen_;
    }
    for (const auto& request : batch) {
      if (!waits_on(*request)) {
        answered.push_back(request);
        continue;
      }
      parked_.push_back(request);
      request->state = State::kParked;
      request->state.notify_all();
      if (std::exchange(request->sooner, false)) request->wake.request_stop();
    }
    if (!parked_.empty()) listening_ = true;
    if (listening_) listen_.notify_one();
  }
  for (const auto& request : answered) {
    request->wake.request_stop();
    request->state = State::kDone;
    request->state.notify_all();
  }
}

// Waits for other processes, or other buses of this one, to make something deliverable.
void GroupWriter::ListenLoop() {
  while (true) {
    uint32_t seen = 0;
    {
      std::unique_lock lock(mutex_);
      listen_.wait(lock, [&] { return stopping_ || listening_; });
      if (stopping_) return;
      listening_ = false;
      seen = word_seen_;
    }
    const bool changed = wake_word_.Wait(seen);
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (parked_.empty()) continue;
    const uint32_t word = wake_word_.Read();
    if (changed && word == word_seen_) {
      listening_ = true;  // it was our own
      continue;
    }
    word_seen_ = word;
    look_again_ = true;
    work_.notify_one();
  }
}

}  // namespace seshat::sqlite_event_bus
