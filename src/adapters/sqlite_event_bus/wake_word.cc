#include "adapters/sqlite_event_bus/wake_word.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "platform/posix/unique_fd.h"

namespace seshat::sqlite_event_bus {
namespace {

constexpr size_t kBytes = 4096;

// Null where the word cannot be shared.
void* MapShared(const std::filesystem::path& file) {
  const posix::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return nullptr;
  // Touching a page that the full disk has no block for would end the process.
  if (::posix_fallocate(fd.get(), 0, kBytes) != 0) return nullptr;
  void* at = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  return at == MAP_FAILED ? nullptr : at;
}

// The kernel's word and ours are the same four bytes.
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) && std::atomic<uint32_t>::is_always_lock_free);

}  // namespace

WakeWord::WakeWord(const std::filesystem::path& file) {
  if (void* at = MapShared(file); at != nullptr) {
    word_ = static_cast<std::atomic<uint32_t>*>(at);
    shared_ = true;
  }
}

WakeWord::~WakeWord() {
  if (shared_) ::munmap(word_, kBytes);
}

uint32_t WakeWord::Ring() {
  const uint32_t before = word_->fetch_add(1, std::memory_order_acq_rel);
  ::syscall(SYS_futex, word_, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  return before;
}

bool WakeWord::Wait(uint32_t seen) const {
  const timespec most = shared_ ? timespec{1, 0} : timespec{0, 10'000'000};
  // Interrupted and "changed already" count as a change: whoever looks once too often loses nothing.
  return ::syscall(SYS_futex, word_, FUTEX_WAIT, seen, &most, nullptr, 0) == 0 || errno != ETIMEDOUT;
}

}  // namespace seshat::sqlite_event_bus
