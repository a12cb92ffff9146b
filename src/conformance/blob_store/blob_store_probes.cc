#include "conformance/blob_store/blob_store_probes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace seshat::conformance {

BlobKey Key(std::string_view text) { return BlobKey::Parse(text).value(); }

std::string Pattern(uint64_t size, uint64_t seed) {
  std::string bytes(size, '\0');
  uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (size_t i = 0; i < bytes.size(); i += sizeof state) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const uint64_t word = state ^ (state >> 33);
    std::memcpy(&bytes[i], &word, std::min(sizeof word, bytes.size() - i));
  }
  return bytes;
}

Status ProbeSource::ReadAt(uint64_t offset, MutableByteSpan out) {
  const uint64_t end = offset + out.size();
  if (end > bytes_.size()) return Fail(ErrorCode::kSourceChanged, "the source is shorter than it was");
  if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  {
    const std::lock_guard lock(mutex_);
    if (!out.empty()) reads_.emplace_back(offset, end);
  }
  if (on_read) on_read(end);
  return {};
}

Status ProbeSource::CheckUnchanged() {
  ++checks_;
  return on_check ? on_check() : Status();
}

bool ProbeSource::all_read() const {
  const std::lock_guard lock(mutex_);
  auto reads = reads_;
  std::ranges::sort(reads);
  uint64_t reached = 0;
  for (const auto& [begin, end] : reads) {
    if (begin > reached) return false;
    reached = std::max(reached, end);
  }
  return reached == bytes_.size();
}

bool ProbeSource::read_twice() const {
  const std::lock_guard lock(mutex_);
  auto reads = reads_;
  std::ranges::sort(reads);
  uint64_t reached = 0;
  for (const auto& [begin, end] : reads) {
    if (begin < reached) return true;
    reached = end;
  }
  return false;
}

Status ProbeJournal::SaveState(std::string_view state) {
  if (++calls_; failed()) return Fail(ErrorCode::kResourceExhausted, "the journal's disk is full");
  state_ = state;
  return {};
}

Status ProbeJournal::SaveDigest(const Sha256& digest) {
  if (++calls_; failed()) return Fail(ErrorCode::kResourceExhausted, "the journal's disk is full");
  digest_ = digest;
  if (on_digest) on_digest();
  return {};
}

std::string ReadBack(BlobStore& store, const BlobKey& key) {
  auto bytes = GetBytes(store, key, 64 * 1024 * 1024);
  return bytes ? *std::move(bytes) : fmt::format("<{}>", ErrorCodeName(bytes.error().code));
}

Result<Listing> ListAll(BlobStore& store, ListOptions options, size_t most) {
  Listing all;
  for (size_t pages = 0; pages < most; ++pages) {
    SESHAT_ASSIGN(ListPage page, store.List(options));
    std::vector<std::string> entries = page.folders;
    all.folders.insert(all.folders.end(), page.folders.begin(), page.folders.end());
    if (!std::ranges::is_sorted(page.folders)) all.well_formed = false;
    if (!std::ranges::is_sorted(page.blobs, {}, &BlobInfo::key)) all.well_formed = false;
    for (const BlobInfo& info : page.blobs) {
      entries.push_back(info.key);
      all.keys.push_back(info.key);
    }
    std::ranges::sort(entries);
    all.largest_page = std::max(all.largest_page, entries.size());
    all.entries.insert(all.entries.end(), entries.begin(), entries.end());
    if (page.next_start_after.empty()) return all;
    if (entries.empty() || page.next_start_after <= options.start_after) all.well_formed = false;
    options.start_after = page.next_start_after;
  }
  all.well_formed = false;
  return all;
}

std::vector<std::string> Keys(BlobStore& store) {
  auto all = ListAll(store, {});
  return all ? all->keys : std::vector<std::string>{fmt::format("<{}>", ErrorCodeName(all.error().code))};
}

}  // namespace seshat::conformance
