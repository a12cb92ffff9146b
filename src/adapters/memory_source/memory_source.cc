#include "adapters/memory_source/memory_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace seshat::memory_source {
namespace {

bool Below(std::string_view path, std::string_view directory) {
  return directory.empty() ||
         (path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/');
}

Error Missing(std::string_view path) { return {ErrorCode::kNotFound, fmt::format("there is no {}", path)}; }

}  // namespace

class MemorySource::Body : public BlobSource {
 public:
  Body(MemorySource& source, std::string path, const FileStat& stat)
      : source_(source), path_(std::move(path)), stat_(stat) {}
  uint64_t size() const override { return stat_.size; }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    SESHAT_ASSIGN(const std::string bytes, source_.Read(path_, stat_, offset, out.size()));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size());
    return {};
  }
  Status CheckUnchanged() override {
    SESHAT_ASSIGN(const FileStat now, source_.StatOf(path_));
    if (now == stat_) return {};
    return Fail(ErrorCode::kSourceChanged, fmt::format("{} changed while it was read", path_));
  }

 private:
  MemorySource& source_;
  std::string path_;
  FileStat stat_;
};

void MemorySource::Touch(Node& node) {
  last_time_ = std::max(last_time_ + 1, clock_.Now().time_since_epoch().count());
  node.stat.modified_ns = node.stat.changed_ns = last_time_;
  changed_ = true;
}

void MemorySource::MakeParents(std::string_view path) {
  for (size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    auto [it, made] = nodes_.try_emplace(std::string(path.substr(0, slash)));
    if (made) it->second = {.directory = true, .stat = {.inode = next_inode_++, .mode = 0755}};
  }
}

MemorySource::Node* MemorySource::Find(std::string_view path) {
  const auto it = nodes_.find(path);
  return it != nodes_.end() && !it->second.directory ? &it->second : nullptr;
}

void MemorySource::Write(std::string_view path, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  MakeParents(path);
  Node& node = nodes_[std::string(path)];
  if (node.stat.inode == 0) node.stat = {.inode = next_inode_++, .mode = 0644};
  node.kind = EntryKind::kFile;
  node.bytes = bytes;
  node.stat.size = bytes.size();
  Touch(node);
}

void MemorySource::Append(std::string_view path, std::string_view bytes) {
  std::string all;
  {
    const std::lock_guard lock(mutex_);
    if (const Node* node = Find(path)) all = node->bytes;
  }
  all += bytes;
  Write(path, all);
}

void MemorySource::MakeSpecial(std::string_view path, EntryKind kind) {
  const std::lock_guard lock(mutex_);
  MakeParents(path);
  Node& node = nodes_[std::string(path)];
  node = {.kind = kind, .stat = {.inode = next_inode_++, .mode = 0777}};
  Touch(node);
}

void MemorySource::SetReadable(std::string_view path, bool readable) {
  const std::lock_guard lock(mutex_);
  Node* node = Find(path);
  if (node == nullptr || node->readable == readable) return;
  node->readable = readable;
  const int64_t modified = node->stat.modified_ns;
  Touch(*node);
  node->stat.modified_ns = modified;
  node->stat.mode = readable ? 0644 : 0;
}

void MemorySource::SetMode(std::string_view path, uint32_t mode) {
  const std::lock_guard lock(mutex_);
  Node* node = Find(path);
  if (node == nullptr) return;
  const int64_t modified = node->stat.modified_ns;
  Touch(*node);
  node->stat.modified_ns = modified;
  node->stat.mode = mode;
}

void MemorySource::Rename(std::string_view from, std::string_view to) {
  const std::lock_guard lock(mutex_);
  MakeParents(to);
  std::vector<std::pair<std::string, Node>> moved;
  for (auto it = nodes_.begin(); it != nodes_.end();) {
    if (it->first != from && !Below(it->first, from)) {
      ++it;
      continue;
    }
    moved.emplace_back(std::string(to) + it->first.substr(from.size()), std::move(it->second));
    it = nodes_.erase(it);
  }
  for (auto& [path, node] : moved) nodes_[path] = std::move(node);
  changed_ = true;
}

void MemorySource::Remove(std::string_view path) {
  const std::lock_guard lock(mutex_);
  std::erase_if(nodes_, [&](const auto& item) { return item.first == path || Below(item.first, path); });
  changed_ = true;
}

void MemorySource::MakeDirectory(std::string_view path) {
  const std::lock_guard lock(mutex_);
  MakeParents(std::string(path) + "/");
  changed_ = true;
}

void MemorySource::SetOffline(bool offline) {
  const std::lock_guard lock(mutex_);
  offline_ = offline;
}

void MemorySource::OnRead(std::function<void(std::string_view)> hook) {
  const std::lock_guard lock(mutex_);
  on_read_ = std::move(hook);
}

std::map<std::string, std::string> MemorySource::Files() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> files;
  for (const auto& [path, node] : nodes_)
    if (!node.directory && node.kind == EntryKind::kFile) files[path] = node.bytes;
  return files;
}

uint64_t MemorySource::opens() const {
  const std::lock_guard lock(mutex_);
  return opens_;
}

namespace {

struct Seen {
  std::string path;
  bool directory;
  bool readable;
  EntryKind kind;
  FileStat stat;
};

// Visits the direct children of `directory`, going down into theirs.
Status Walk(const std::vector<Seen>& all, std::string_view directory, SourceVisitor& visitor,
            const std::stop_token& stop) {
  for (const Seen& seen : all) {
    if (!Below(seen.path, directory)) continue;
    const size_t name = directory.empty() ? 0 : directory.size() + 1;
    if (seen.path.find('/', name) != std::string::npos) continue;
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the scan was stopped");
    if (!seen.directory) {
      SESHAT_TRY(visitor.Visit({seen.path, seen.kind, seen.stat, {}}));
    } else if (!seen.readable) {
      SESHAT_TRY(visitor.Visit({seen.path, EntryKind::kUnreadable, seen.stat, "permission denied"}));
    } else if (visitor.Enter(seen.path)) {
      SESHAT_TRY(Walk(all, seen.path, visitor, stop));
      SESHAT_TRY(visitor.Leave(seen.path));
    }
  }
  return {};
}

}  // namespace

Status MemorySource::Scan(std::string_view under, SourceVisitor& visitor, std::stop_token stop) {
  std::vector<Seen> all;
  {
    const std::lock_guard lock(mutex_);
    if (offline_) return Fail(ErrorCode::kUnavailable, "the source is offline");
    if (under.empty()) changed_ = false;
    const auto it = nodes_.find(under);
    if (!under.empty() && (it == nodes_.end() || !it->second.directory)) return std::unexpected(Missing(under));
    for (const auto& [path, node] : nodes_)
      if (Below(path, under)) all.push_back({path, node.directory, node.readable, node.kind, node.stat});
  }
  return Walk(all, under, visitor, stop);
}

Result<SourceFile> MemorySource::Open(std::string_view path) {
  const std::lock_guard lock(mutex_);
  if (offline_) return Fail(ErrorCode::kUnavailable, "the source is offline");
  const Node* node = Find(path);
  if (node == nullptr) return std::unexpected(Missing(path));
  if (node->kind != EntryKind::kFile) return Fail(ErrorCode::kSourceChanged, "this is no regular file");
  if (!node->readable) return Fail(ErrorCode::kPermissionDenied, fmt::format("opening {}: permission denied", path));
  ++opens_;
  return SourceFile{std::make_shared<Body>(*this, std::string(path), node->stat), node->stat};
}

Result<std::string> MemorySource::Read(std::string_view path, const FileStat& stat, uint64_t offset, uint64_t size) {
  std::function<void(std::string_view)> hook;
  {
    const std::lock_guard lock(mutex_);
    hook = on_read_;
  }
  if (hook) hook(path);
  const std::lock_guard lock(mutex_);
  const Node* node = Find(path);
  if (node == nullptr || node->stat.inode != stat.inode || offset > node->bytes.size() ||
      size > node->bytes.size() - offset)
    return Fail(ErrorCode::kSourceChanged, fmt::format("{} became shorter while it was read", path));
  return node->bytes.substr(offset, size);
}

Result<FileStat> MemorySource::StatOf(std::string_view path) {
  const std::lock_guard lock(mutex_);
  const Node* node = Find(path);
  if (node == nullptr) return Fail(ErrorCode::kSourceChanged, fmt::format("{} was removed", path));
  return node->stat;
}

WaitEnd MemorySource::WaitForChange(std::chrono::nanoseconds at_most, std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (changed_) return WaitEnd::kHint;
  }
  return clock_.SleepFor(at_most, std::move(stop)) ? WaitEnd::kTimeout : WaitEnd::kStopped;
}

Status MemorySource::Delete(std::string_view path, const FileStat& expected) {
  const std::lock_guard lock(mutex_);
  const Node* node = Find(path);
  if (node == nullptr) return {};
  if (node->stat != expected) return Fail(ErrorCode::kSourceChanged, fmt::format("{} has changed", path));
  nodes_.erase(nodes_.find(path));
  return {};
}

Status MemorySource::WriteNote(std::string_view path, std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    if (nodes_.contains(path)) return Fail(ErrorCode::kAlreadyExists, fmt::format("{} is there already", path));
    const size_t slash = path.rfind('/');
    if (slash != std::string_view::npos && !nodes_.contains(path.substr(0, slash)))
      return std::unexpected(Missing(path.substr(0, slash)));
  }
  Write(path, text);
  return {};
}

}  // namespace seshat::memory_source
