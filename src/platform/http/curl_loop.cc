#include "platform/http/curl_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "platform/http/curl_api.h"
#include "platform/http/curl_memory.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::http {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// CURL_POLL_IN, _OUT and _INOUT are the bits 1, 2 and both (_NONE 0, _REMOVE 4).
constexpr int kBothWays = CURL_POLL_INOUT;

uint32_t EpollBits(int interest) {
  return ((interest & CURL_POLL_IN) != 0 ? static_cast<uint32_t>(EPOLLIN) : 0U) |
         ((interest & CURL_POLL_OUT) != 0 ? static_cast<uint32_t>(EPOLLOUT) : 0U);
}

}  // namespace

struct CurlLoop::State {
  struct Socket {
    int wanted = 0;       // what libcurl wants to hear of
    int registered = 0;   // what epoll tells: at least that
    bool hooked = false;  // its opening and closing are seen by OpenSocket and CloseSocket
  };

  CURLM* multi = nullptr;
  posix::UniqueFd epoll;
  posix::UniqueFd wake;
  std::vector<Socket> sockets;  // by descriptor
  std::optional<SteadyTime> timer;
  bool woken = false;
  int added = 0;       // handles in `multi` whose end was not reported
  bool ended = false;  // a handle may have: NextFinished knows

  ~State() {
    if (multi != nullptr) Curl().multi_cleanup(multi);
  }

  Socket& At(int fd) {
    if (sockets.size() <= static_cast<size_t>(fd)) sockets.resize(static_cast<size_t>(fd) + 16);
    return sockets[static_cast<size_t>(fd)];
  }

  void Register(int fd, Socket& socket, int interest) {
    if (interest == socket.registered) return;
    epoll_event event{};
    event.events = EpollBits(interest);
    event.data.fd = fd;
    const int operation = interest == 0 ? EPOLL_CTL_DEL : socket.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    // A descriptor that is gone is gone from epoll too; libcurl finds out by itself.
    epoll_ctl(epoll.get(), operation, fd, &event);
    socket.registered = interest;
  }

  static int OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    State& state = *static_cast<State*>(self);
    Socket& socket = state.At(fd);
    socket.wanted = what == CURL_POLL_REMOVE ? 0 : what & kBothWays;
    if (!socket.hooked) {
      state.Register(fd, socket, socket.wanted);
    } else if ((socket.wanted & ~socket.registered) != 0) {
      state.Register(fd, socket, socket.wanted);
    }
    return 0;
  }

  static int OnTimer(CURLM*, long timeout_ms, void* self) {
    State& state = *static_cast<State*>(self);
    state.timer =
        timeout_ms < 0 ? std::nullopt : std::optional(std::chrono::steady_clock::now() + milliseconds(timeout_ms));
    return 0;
  }

  static curl_socket_t OpenSocket(void* self, curlsocktype, struct curl_sockaddr* address) {
    const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    static_cast<State*>(self)->At(fd) = {.hooked = true};
    return fd;
  }

  static int CloseSocket(void* self, curl_socket_t fd) {
    static_cast<State*>(self)->At(fd) = {};
    return close(fd);
  }

  void Act(int fd, int what) {
    int running = 0;
    Curl().multi_socket_action(multi, fd, what, &running);
    ended = ended || running < added;
  }

  void OnEvent(int fd, uint32_t events) {
    if (fd == wake.get()) {
      uint64_t count = 0;
      woken = read(fd, &count, sizeof count) == sizeof count;
      return;
    }
    Socket& socket = At(fd);
    const bool trouble = (events & (EPOLLERR | EPOLLHUP)) != 0;
    int what = 0;
    if ((events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    // Nobody wants to hear of it any more (a server closes an idle connection): else it would come again and again.
    if (((what & ~socket.wanted) != 0 || trouble) && socket.registered != socket.wanted)
      Register(fd, socket, socket.wanted);
    if (trouble) what |= CURL_CSELECT_ERR;
    if (socket.wanted != 0 && ((what & socket.wanted) != 0 || trouble)) Act(fd, what);
  }

  int WaitMs(milliseconds timeout) const {
    if (timer) timeout = std::min(timeout, std::chrono::ceil<milliseconds>(*timer - std::chrono::steady_clock::now()));
    return static_cast<int>(std::clamp<int64_t>(timeout.count(), 0, 3'600'000));
  }

  void RunTimer() {
    if (!timer || *timer > std::chrono::steady_clock::now()) return;
    timer.reset();
    Act(CURL_SOCKET_TIMEOUT, 0);
  }
};

CurlLoop::CurlLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}
CurlLoop::~CurlLoop() = default;

Result<std::unique_ptr<CurlLoop>> CurlLoop::Make(size_t max_idle_connections) {
  auto state = std::make_unique<State>();
  SESHAT_TRY(StartCurl());
  state->multi = Curl().multi_init();
  if (state->multi == nullptr) return Fail(ErrorCode::kResourceExhausted, "libcurl cannot be started: out of memory");
  state->epoll = posix::UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  if (!state->epoll.valid()) return std::unexpected(posix::PosixError(errno, "making an epoll descriptor"));
  state->wake = posix::UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->wake.valid()) return std::unexpected(posix::PosixError(errno, "making an eventfd"));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = state->wake.get();
  if (epoll_ctl(state->epoll.get(), EPOLL_CTL_ADD, state->wake.get(), &event) != 0)
    return std::unexpected(posix::PosixError(errno, "watching an eventfd"));
  Curl().multi_setopt(state->multi, CURLMOPT_SOCKETFUNCTION, State::OnSocket);
  Curl().multi_setopt(state->multi, CURLMOPT_SOCKETDATA, state.get());
  Curl().multi_setopt(state->multi, CURLMOPT_TIMERFUNCTION, State::OnTimer);
  Curl().multi_setopt(state->multi, CURLMOPT_TIMERDATA, state.get());
  Curl().multi_setopt(state->multi, CURLMOPT_MAXCONNECTS, static_cast<long>(max_idle_connections));
  return std::unique_ptr<CurlLoop>(new CurlLoop(std::move(state)));
}

void CurlLoop::Adopt(void* easy) {
  Curl().easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, State::OpenSocket);
  Curl().easy_setopt(easy, CURLOPT_OPENSOCKETDATA, state_.get());
  Curl().easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, State::CloseSocket);
  Curl().easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, state_.get());
}

Status CurlLoop::Add(void* easy) {
  if (Curl().multi_add_handle(state_->multi, easy) == CURLM_OK) {
    ++state_->added;
    return {};
  }
  return Fail(ErrorCode::kResourceExhausted, "libcurl cannot take another request: out of memory");
}

void CurlLoop::Remove(void* easy) {
  Curl().multi_remove_handle(state_->multi, easy);
  --state_->added;
}

void CurlLoop::Kick() { state_->RunTimer(); }

void CurlLoop::Step(milliseconds timeout) {
  state_->RunTimer();
  // A request over a kept connection can be answered while it is being started: then there is nothing to wait for.
  if (state_->ended) timeout = milliseconds(0);
  std::array<epoll_event, 64> events;
  const int count =
      epoll_wait(state_->epoll.get(), events.data(), static_cast<int>(events.size()), state_->WaitMs(timeout));
  for (int i = 0; i < count; ++i)
    state_->OnEvent(events[static_cast<size_t>(i)].data.fd, events[static_cast<size_t>(i)].events);
  state_->RunTimer();
}

std::optional<CurlLoop::Finished> CurlLoop::NextFinished() {
  int left = 0;
  while (const CURLMsg* message = Curl().multi_info_read(state_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const Finished finished{message->easy_handle, message->data.result};
    Remove(finished.easy);
    return finished;
  }
  state_->ended = false;
  return std::nullopt;
}

void CurlLoop::Wake() {
  const uint64_t one = 1;
  // Cannot fail: a counter that is full wakes as well.
  [[maybe_unused]] const ssize_t written = write(state_->wake.get(), &one, sizeof one);
}

bool CurlLoop::TakeWoken() { return std::exchange(state_->woken, false); }

}  // namespace seshat::http
