#include "services/migration/scan/session_walk.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace seshat::migration {
namespace {

class DirectoryLayout : public SourceLayout {
 public:
  explicit DirectoryLayout(const SourceSpec& spec) : SourceLayout(spec) {}
  bool flat() const override { return false; }
  std::string_view FlatId(std::string_view) const override { return {}; }
};

class FlatLayout : public SourceLayout {
 public:
  explicit FlatLayout(const SourceSpec& spec) : SourceLayout(spec), pattern_(spec.flat_pattern, RE2::Quiet) {}
  bool flat() const override { return true; }
  std::string_view FlatId(std::string_view path) const override {
    re2::StringPiece id;
    if (!RE2::FullMatch(re2::StringPiece(path.data(), path.size()), pattern_, &id)) return {};
    return {id.data(), id.size()};
  }
  Status Check() const {
    if (pattern_.ok() && pattern_.NumberOfCapturingGroups() > 0) return {};
    return Fail(ErrorCode::kInvalidArgument, "flat_pattern: not a pattern with a capture group");
  }

 private:
  RE2 pattern_;
};

// Turns the tree's paths into sessions and paths below them.
class Walker : public SourceVisitor {
 public:
  Walker(const SourceLayout& layout, SessionSink& sink) : layout_(layout), sink_(sink) {}

  bool Enter(std::string_view directory) override {
    if (layout_.flat()) return !layout_.Ignored(directory);
    const size_t slash = directory.find('/');
    if (slash != std::string_view::npos) return !layout_.Ignored(directory.substr(slash + 1));
    if (layout_.Ignored(directory)) return false;
    const auto id = SessionId::Parse(directory);
    if (!id) sink_.Refused(directory, id.error());
    return id.has_value();
  }

  Status Leave(std::string_view directory) override {
    if (layout_.flat() || directory.find('/') != std::string_view::npos) return {};
    return sink_.EndSession(directory);
  }

  Status Visit(const SourceEntry& entry) override {
    if (layout_.flat()) return VisitFlat(entry);
    const size_t slash = entry.path.find('/');
    if (slash == std::string_view::npos) {
      if (layout_.Ignored(entry.path)) return {};
      if (entry.kind == EntryKind::kUnreadable)
        sink_.Refused(entry.path, {ErrorCode::kPermissionDenied, std::string(entry.reason)});
      else
        sink_.Loose(entry);
      return {};
    }
    const std::string_view path = entry.path.substr(slash + 1);
    if (layout_.Ignored(path)) return {};
    return sink_.Entry(entry.path.substr(0, slash), path, entry);
  }

 private:
  Status VisitFlat(const SourceEntry& entry) {
    if (layout_.Ignored(entry.path)) return {};
    const std::string_view id = layout_.FlatId(entry.path);
    if (id.empty()) {
      sink_.Loose(entry);
      return {};
    }
    if (id != last_id_) {
      const auto parsed = SessionId::Parse(id);
      if (!parsed) {
        sink_.Refused(id, parsed.error());
        return {};
      }
      last_id_ = id;
    }
    return sink_.Entry(id, entry.path, entry);
  }

  const SourceLayout& layout_;
  SessionSink& sink_;
  std::string last_id_;  // known to be valid
};

class OneSession : public SessionSink {
 public:
  OneSession(std::string_view id, const EntryFunction& entry) : id_(id), entry_(entry) {}
  Status Entry(std::string_view id, std::string_view path, const SourceEntry& entry) override {
    return id == id_ ? entry_(path, entry) : Status{};
  }
  Status EndSession(std::string_view) override { return {}; }
  void Loose(const SourceEntry&) override {}
  void Refused(std::string_view, const Error&) override {}

 private:
  std::string_view id_;
  const EntryFunction& entry_;
};

}  // namespace

SourceLayout::SourceLayout(const SourceSpec& spec) {
  for (const auto& pattern : spec.ignore) ignore_.emplace_back(pattern);
  ignore_.emplace_back(std::string(spec.layout == Layout::kFlat ? "*." : "") + std::string(kNoteName));
  for (const auto& pattern : spec.metadata_files) metadata_.emplace_back(pattern);
}

Result<std::shared_ptr<const SourceLayout>> SourceLayout::Make(const SourceSpec& spec) {
  if (spec.layout == Layout::kDirectories) return std::make_shared<DirectoryLayout>(spec);
  auto layout = std::make_shared<FlatLayout>(spec);
  SESHAT_TRY(layout->Check());
  return layout;
}

bool SourceLayout::Ignored(std::string_view path) const { return FirstMatch(ignore_, path) < ignore_.size(); }

size_t SourceLayout::MetadataRank(std::string_view path) const {
  const size_t pattern = FirstMatch(metadata_, path);
  if (pattern == metadata_.size()) return SIZE_MAX;
  const auto depth = static_cast<size_t>(std::ranges::count(path, '/'));
  return (pattern << 16) + std::min<size_t>(depth, 0xFFFF);
}

std::string SourceLayout::PathOf(std::string_view id, std::string_view path) const {
  if (flat()) return std::string(path);
  return std::string(id) + "/" + std::string(path);
}

std::string SourceLayout::NotePath(std::string_view id) const {
  return std::string(id) + (flat() ? "." : "/") + std::string(kNoteName);
}

Status WalkSource(SourceTree& tree, const SourceLayout& layout, SessionSink& sink, std::stop_token stop) {
  Walker walker(layout, sink);
  return tree.Scan("", walker, std::move(stop));
}

Status WalkSession(SourceTree& tree, const SourceLayout& layout, std::string_view id, const EntryFunction& entry,
                   std::stop_token stop) {
  OneSession sink(id, entry);
  Walker walker(layout, sink);
  return tree.Scan(layout.flat() ? std::string_view() : id, walker, std::move(stop));
}

}  // namespace seshat::migration
