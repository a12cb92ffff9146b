#include "support/fault_calls.h"

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>

#include "support/fault_state.h"

namespace seshat::testing {

struct FaultScope::State {
  CallFaults plan;
  std::atomic<bool> armed{true};
  std::atomic<uint64_t> calls{0};
  std::atomic<uint64_t> injected{0};
  std::atomic<const char*> first{nullptr};
};

namespace {

// A thread may outlive the scope that it was started under, so states are kept to the end of the process.
std::mutex states_mutex;
std::deque<std::unique_ptr<FaultScope::State>>& States() {
  static auto* const states = new std::deque<std::unique_ptr<FaultScope::State>>;
  return *states;
}

thread_local FaultScope::State* current = nullptr;

struct ThreadStart {
  void* (*run)(void*);
  void* argument;
  FaultScope::State* state;
};

void* RunThread(void* given) {
  const std::unique_ptr<ThreadStart> start(static_cast<ThreadStart*>(given));
  current = start->state;
  return start->run(start->argument);
}

}  // namespace

FaultScope::FaultScope(const CallFaults& plan) {
  if (plan.for_ever && plan.error_number == EINTR)
    throw std::invalid_argument("EINTR for ever hangs every correct caller");
  auto state = std::make_unique<State>();
  state->plan = plan;
  state_ = state.get();
  {
    const std::lock_guard lock(states_mutex);
    States().push_back(std::move(state));
  }
  if (current != nullptr && current->armed) throw std::logic_error("this thread has a FaultScope already");
  current = state_;
}

FaultScope::~FaultScope() {
  state_->armed = false;
  current = nullptr;
}

uint64_t FaultScope::calls() const { return state_->calls; }
uint64_t FaultScope::injected() const { return state_->injected; }
std::string FaultScope::first() const {
  const char* name = state_->first;
  return name != nullptr ? name : "(none)";
}

bool Armed() { return current != nullptr && current->armed.load(std::memory_order_relaxed); }
int FaultErrno() { return current->plan.error_number; }
int FaultSqliteCode() { return current->plan.sqlite_code; }

Strike CountCall(FaultFamily family, const char* name, bool moves_bytes) {
  using Action = CallFaults::Action;
  if (!Armed()) return Strike::kNone;
  FaultScope::State& state = *current;
  const CallFaults& plan = state.plan;
  if (!(family == FaultFamily::kFiles ? plan.files : plan.sqlite)) return Strike::kNone;
  if (!plan.only.empty() && plan.only != name) return Strike::kNone;
  if (plan.action == Action::kShorten && !moves_bytes) return Strike::kNone;
  const uint64_t n = ++state.calls;
  if (plan.at == 0 || (plan.for_ever ? n < plan.at : n != plan.at)) return Strike::kNone;
  if (++state.injected == 1) state.first = name;
  switch (plan.action) {
    case Action::kFail:
      return Strike::kFail;
    case Action::kFailAfter:
      return Strike::kFailAfter;
    case Action::kShorten:
      return Strike::kShorten;
    case Action::kKill:
      break;
  }
  ::raise(SIGKILL);
  return Strike::kFail;
}

uint64_t SweepFaults(CallFaults plan, const std::function<uint64_t(const CallFaults&)>& attempt, uint64_t most) {
  for (plan.at = 1; plan.at <= most; ++plan.at)
    if (attempt(plan) == 0) return plan.at - 1;
  throw std::runtime_error("the fault sweep does not come to an end");
}

}  // namespace seshat::testing

// Threads started under a scope belong to it.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                              void* argument) noexcept {
  using seshat::testing::ThreadStart;
  static auto* const next = seshat::testing::NextDefinition<decltype(::pthread_create)>("pthread_create");
  auto* const start = new (std::nothrow) ThreadStart{run, argument, seshat::testing::current};
  if (start == nullptr) return EAGAIN;
  const int code = next(thread, attributes, seshat::testing::RunThread, start);
  if (code != 0) delete start;
  return code;
}
