#pragma once

#include <memory>
#include <string>

#include "adapters/memory_download_target/memory_download_target.h"
#include "conformance/download_target/download_target_suite.h"

namespace seshat::testing {

class MemoryTargetHarness : public conformance::DownloadTargetHarness {
 public:
  DownloadTarget& target() override { return *target_; }
  std::optional<Found> Look(std::string_view path) override {
    const auto found = files_.find(std::string(path));
    if (found == files_.end()) return std::nullopt;
    return Found{found->second.bytes, found->second.mode, found->second.modified_at};
  }
  void Write(std::string_view path, std::string_view bytes) override {
    files_[std::string(path)] = {.bytes = std::string(bytes), .mode = 0600};
  }

 protected:
  memory_download_target::MemoryTargetFiles files_;

 private:
  std::unique_ptr<DownloadTarget> target_ = memory_download_target::MakeMemoryDownloadTarget(files_);
};

}  // namespace seshat::testing
