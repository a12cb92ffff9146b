#include "services/retrieval/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/records/blob_key.h"
#include "services/retrieval/reading.h"

namespace seshat::retrieval {
namespace {

// A question takes some 30 ms at S3 and next to nothing anywhere else.
constexpr size_t kMaxQuestionsAtOnce = 32;

enum class Answer {
  kGood,
  kGoodArchived,
  kMustRead,
};

bool IsCold(ArchiveState state) { return state == ArchiveState::kArchived || state == ArchiveState::kRestoring; }

Result<Answer> Compare(const WantedFile& file, const BlobInfo& info) {
  if (info.size != file.size)
    return Fail(ErrorCode::kDataLoss, fmt::format("it has {} bytes instead of {}: the stored object {} is damaged",
                                                  info.size, file.size, file.key));
  // "crc64nvme:…": two algorithms cannot be compared.
  const auto algorithm = [](std::string_view checksum) { return checksum.substr(0, checksum.find(':')); };
  if (file.checksum.empty() || info.checksum.empty() || algorithm(file.checksum) != algorithm(info.checksum)) {
    if (!IsCold(info.archive_state)) return Answer::kMustRead;
    return Fail(ErrorCode::kArchived, "archived, and there is no checksum to verify it by: restore it first");
  }
  if (info.checksum != file.checksum)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("the store's checksum is {} instead of {}: the stored object {} is damaged", info.checksum,
                            file.checksum, file.key));
  return IsCold(info.archive_state) ? Answer::kGoodArchived : Answer::kGood;
}

Result<Answer> Ask(BlobStore& store, const WantedFile& file) {
  SESHAT_ASSIGN(const BlobKey key, BlobKey::Parse(file.key));
  auto info = store.Stat(key);
  if (info) return Compare(file, *info);
  Error error = std::move(info.error());
  // An object that a record names and the store lacks is lost data, whatever the store calls it.
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kDataLoss;
  return std::unexpected(std::move(error));
}

class Verification {
 public:
  Verification(BlobStore& store, const std::vector<WantedFile>& files, const Advanced& advanced, std::stop_token stop)
      : store_(store), files_(files), advanced_(advanced), stop_(std::move(stop)) {
    summary_.files = files.size();
  }

  // Asks for what has a checksum; the rest is to be read.
  void AskAll() {
    std::vector<const WantedFile*> questions;
    for (const WantedFile& file : files_) {
      if (file.checksum.empty()) {
        to_read_.push_back(file);
      } else {
        questions.push_back(&file);
      }
    }
    AskThese(questions);
  }

  void ReadAll() { to_read_ = files_; }

  VerifySummary Finish() {
    const std::vector<WantedFile> to_read = std::exchange(to_read_, {});
    ReadingSummary read = ReadAndCompare(store_, to_read, advanced_, stop_);
    summary_.by_reading += read.good;
    summary_.bytes += read.bytes;
    std::vector<const WantedFile*> cold;
    for (auto& [index, error] : read.failed) {
      if (error.code == ErrorCode::kArchived) {
        cold.push_back(&to_read[index]);
      } else {
        summary_.failed.push_back({to_read[index].path, std::move(error)});
      }
    }
    // Those cannot be read, but the store still has their checksum.
    advanced_twice_ = true;
    AskThese(cold);
    std::ranges::sort(summary_.failed, {}, &FailedFile::path);
    return std::move(summary_);
  }

 private:
  void AskThese(const std::vector<const WantedFile*>& questions) {
    std::atomic<size_t> next = 0;
    std::vector<std::jthread> threads;
    const auto work = [&] {
      for (size_t i = next++; i < questions.size() && !stop_.stop_requested(); i = next++)
        Take(*questions[i], Ask(store_, *questions[i]));
    };
    for (size_t i = 1; i < std::min(kMaxQuestionsAtOnce, questions.size()); ++i) threads.emplace_back(work);
    work();
  }

  void Take(const WantedFile& file, const Result<Answer>& answer) {
    const std::lock_guard lock(mutex_);
    if (answer && *answer == Answer::kMustRead) {
      to_read_.push_back(file);
      return;
    }
    if (!advanced_twice_) advanced_(1, file.size);
    if (!answer) {
      summary_.failed.push_back({file.path, answer.error()});
      return;
    }
    ++summary_.by_checksum;
    summary_.bytes += file.size;
    if (*answer == Answer::kGoodArchived) ++summary_.archived;
  }

  BlobStore& store_;
  const std::vector<WantedFile>& files_;
  const Advanced& advanced_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::vector<WantedFile> to_read_;
  bool advanced_twice_ = false;  // these files were counted when reading them failed
  VerifySummary summary_;
};

}  // namespace

void VerifySummary::Add(VerifySummary other) {
  files += other.files;
  bytes += other.bytes;
  by_checksum += other.by_checksum;
  by_reading += other.by_reading;
  archived += other.archived;
  std::ranges::move(other.failed, std::back_inserter(failed));
}

Result<VerifySummary> Verify(BlobStore& store, const Selection& selection, const VerifyOptions& options,
                             const Advanced& advanced, const std::stop_token& stop) {
  VerifySummary summary;
  SESHAT_TRY(selection.ForEachPart(
      [&](const Selection::Part& part) {
        std::ranges::copy(part.failed, std::back_inserter(summary.failed));
        summary.Add(VerifyFiles(store, part.files, options, advanced, stop));
      },
      stop));
  std::ranges::sort(summary.failed, {}, &FailedFile::path);
  return summary;
}

VerifySummary VerifyFiles(BlobStore& store, const std::vector<WantedFile>& files, const VerifyOptions& options,
                          const Advanced& advanced, std::stop_token stop) {
  Verification verification(store, files, advanced, std::move(stop));
  if (options.read_data) {
    verification.ReadAll();
  } else {
    verification.AskAll();
  }
  return verification.Finish();
}

}  // namespace seshat::retrieval
