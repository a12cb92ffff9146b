#include "platform/http/curl_memory.h"

#include <malloc.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "platform/http/curl_api.h"

namespace seshat::http {
namespace {

constexpr size_t kLarge = 16 << 10;
constexpr size_t kMaxKept = 256;
constexpr size_t kMaxBytesKept = 32 << 20;

// Plain malloc blocks, so that whatever is not kept here can be freed and resized as usual.
class KeptBlocks {
 public:
  void* Take(size_t size) {
    const std::lock_guard lock(mutex_);
    for (size_t i = count_; i-- > 0;) {
      const Block block = blocks_[i];
      // Not a giant for a dwarf.
      if (block.size < size || block.size / 2 > size) continue;
      blocks_[i] = blocks_[--count_];
      bytes_ -= block.size;
      return block.memory;
    }
    return nullptr;
  }

  bool Keep(void* memory, size_t size) {
    const std::lock_guard lock(mutex_);
    if (count_ == kMaxKept || bytes_ + size > kMaxBytesKept) return false;
    blocks_[count_++] = {memory, size};
    bytes_ += size;
    return true;
  }

 private:
  struct Block {
    void* memory;
    size_t size;
  };
  std::mutex mutex_;
  std::array<Block, kMaxKept> blocks_{};
  size_t count_ = 0;
  size_t bytes_ = 0;
};

KeptBlocks& Kept() {
  // Never destroyed: libcurl may free something after main.
  static auto* const kept = new KeptBlocks;
  return *kept;
}

// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is malloc for a C library.
void* Allocate(size_t size) {
  if (size >= kLarge)
    if (void* const kept = Kept().Take(size)) return kept;
  return std::malloc(size);
}

void Free(void* memory) {
  if (memory == nullptr) return;
  const size_t size = malloc_usable_size(memory);
  if (size >= kLarge && Kept().Keep(memory, size)) return;
  std::free(memory);
}

void* Resize(void* memory, size_t size) { return std::realloc(memory, size); }
void* AllocateZeroed(size_t count, size_t size) { return std::calloc(count, size); }
char* Duplicate(const char* text) { return strdup(text); }
// NOLINTEND(cppcoreguidelines-no-malloc)

}  // namespace

Status StartCurl() {
  SESHAT_TRY(LoadCurl());
  // libcurl 7.88 with pthreads makes this thread-safe, and so does the static. Where something else in the process has
  // started libcurl before, its own memory functions stay, and only speed is lost.
  static const CURLcode started =
      Curl().global_init_mem(CURL_GLOBAL_DEFAULT, Allocate, Free, Resize, Duplicate, AllocateZeroed);
  if (started != CURLE_OK) return Fail(ErrorCode::kResourceExhausted, "libcurl cannot be started: out of memory");
  return {};
}

}  // namespace seshat::http
