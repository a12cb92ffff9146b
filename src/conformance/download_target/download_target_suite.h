// What every DownloadTarget must do. A harness makes one target and plays the other side: whoever else has files there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "conformance/suite.h"
#include "core/base/time.h"
#include "ports/download_target.h"

namespace seshat::conformance {

class DownloadTargetHarness {
 public:
  virtual ~DownloadTargetHarness() = default;
  virtual DownloadTarget& target() = 0;

  struct Found {
    std::string bytes;
    uint32_t mode = 0;
    std::optional<Timestamp> modified_at;
  };
  // What lies under this name, for anybody who looks; nothing where there is no file.
  virtual std::optional<Found> Look(std::string_view path) = 0;
  virtual void Write(std::string_view path, std::string_view bytes) = 0;  // somebody else's file; makes folders
};

std::span<const Case<DownloadTargetHarness>> DownloadTargetCases();

}  // namespace seshat::conformance
