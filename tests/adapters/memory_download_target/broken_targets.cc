#include "broken_targets.h"

#include <algorithm>

#include "core/records/blob_key.h"
#include "memory_target_harness.h"

namespace seshat::testing {
namespace {

using conformance::DownloadTargetHarness;
using memory_download_target::MemoryTargetFiles;
using Broken = conformance::BrokenAdapter<DownloadTargetHarness>;

struct TargetMistakes {
  bool writes_in_place = false;  // the file is under its name while it is written
  bool forgets_mode_and_time = false;
  bool appends = false;  // ignores the offset
  bool refuses_empty_files = false;
  bool does_not_compare = false;
  bool always_begins = false;  // also what is there
  bool keeps_by_size = false;
  bool one_at_a_time = false;  // all partial files share their bytes
  bool trusts_paths = false;
  bool encodes_names = false;
};

class BrokenSink : public BlobSink {
 public:
  BrokenSink(std::string& bytes, bool appends) : bytes_(bytes), appends_(appends) {}
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    if (appends_) offset = bytes_.size();
    if (bytes_.size() < offset + data.size()) bytes_.resize(offset + data.size());
    std::ranges::copy(AsText(data), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }

 private:
  std::string& bytes_;
  const bool appends_;
};

class BrokenFile : public PartialFile {
 public:
  BrokenFile(MemoryTargetFiles& files, std::string& shared, TargetFile file, const TargetMistakes& mistakes)
      : files_(files), shared_(shared), file_(std::move(file)), mistakes_(mistakes) {}
  std::shared_ptr<BlobSink> sink() override { return std::make_shared<BrokenSink>(bytes(), mistakes_.appends); }
  Status Finish() override {
    if (mistakes_.refuses_empty_files && bytes().empty()) return Fail(ErrorCode::kInvalidArgument, "it is empty");
    if (!mistakes_.does_not_compare && Sha256::Of(AsBytes(bytes())) != file_.sha256)
      return Fail(ErrorCode::kDataLoss, "other bytes");
    std::string name = mistakes_.encodes_names ? records::EncodePath(file_.path) : file_.path;
    auto& there = files_[std::move(name)];
    there.bytes = bytes();
    if (mistakes_.forgets_mode_and_time) return {};
    there.mode = file_.mode & 0777;
    there.modified_at = file_.modified_at;
    return {};
  }

 private:
  std::string& bytes() {
    if (mistakes_.writes_in_place) return files_[file_.path].bytes;
    return mistakes_.one_at_a_time ? shared_ : own_;
  }

  MemoryTargetFiles& files_;
  std::string& shared_;
  const TargetFile file_;
  const TargetMistakes mistakes_;
  std::string own_;
};

class BrokenTarget : public DownloadTarget {
 public:
  BrokenTarget(DownloadTarget& sound, MemoryTargetFiles& files, const TargetMistakes& mistakes)
      : sound_(sound), files_(files), mistakes_(mistakes) {}
  Result<std::unique_ptr<PartialFile>> Begin(const TargetFile& file) override {
    const auto found = files_.find(file.path);
    if (mistakes_.keeps_by_size && found != files_.end() && found->second.bytes.size() == file.size) return nullptr;
    if (!mistakes_.trusts_paths) {
      SESHAT_ASSIGN(const auto sound, sound_.Begin(file));
      if (sound == nullptr && !mistakes_.always_begins) return nullptr;
    }
    return std::make_unique<BrokenFile>(files_, shared_, file, mistakes_);
  }

 private:
  DownloadTarget& sound_;
  MemoryTargetFiles& files_;
  const TargetMistakes mistakes_;
  std::string shared_;
};

class BrokenHarness : public MemoryTargetHarness {
 public:
  explicit BrokenHarness(const TargetMistakes& mistakes) : broken_(MemoryTargetHarness::target(), files_, mistakes) {}
  DownloadTarget& target() override { return broken_; }

 private:
  BrokenTarget broken_;
};

Broken Mistaken(const char* name, TargetMistakes mistakes, std::vector<std::string_view> found_by) {
  return {name, [mistakes] { return std::make_unique<BrokenHarness>(mistakes); }, std::move(found_by)};
}

}  // namespace

std::vector<Broken> BrokenTargets() {
  return {
      Mistaken("WritesInPlace", {.writes_in_place = true},
               {"AFileAppearsWhenItIsFinished", "WrongBytesNeverAppear", "WhatIsDroppedLeavesNothing",
                "OtherBytesAreReplaced"}),
      Mistaken("ForgetsModeAndTime", {.forgets_mode_and_time = true}, {"HasItsModeAndTime"}),
      Mistaken("Appends", {.appends = true}, {"RangesMayComeInAnyOrder"}),
      Mistaken("RefusesEmptyFiles", {.refuses_empty_files = true}, {"EmptyFilesAreFiles"}),
      Mistaken("DoesNotCompare", {.does_not_compare = true}, {"WrongBytesNeverAppear"}),
      Mistaken("AlwaysBegins", {.always_begins = true}, {"WhatIsThereIsKept"}),
      Mistaken("KeepsBySize", {.keeps_by_size = true}, {"OtherBytesAreReplaced"}),
      Mistaken("OneAtATime", {.one_at_a_time = true}, {"SeveralFilesAreOnTheirWay"}),
      Mistaken("TrustsPaths", {.trusts_paths = true}, {"PathsThatLeadOutAreRefused", "AFileIsNoFolder"}),
      Mistaken("EncodesNames", {.encodes_names = true}, {"NamesAreAnyBytes"}),
  };
}

}  // namespace seshat::testing
