// Keeps the entries of one metadata file within its limits, and says what it had to leave out.
// Private to the readers of metadata_text.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/metadata/metadata.h"
#include "core/metadata/metadata_text_options.h"

namespace seshat::metadata {

class MetadataCollector {
 public:
  explicit MetadataCollector(const MetadataTextOptions& options) : options_(options) {}

  const MetadataTextOptions& options() const { return options_; }
  // Raw bytes in; what is not UTF-8 (or is NUL) is replaced and counts as left out.
  void Add(uint64_t line, std::string_view key, std::string_view value);
  // Something in this line could not be read; nothing that the limits would have kept is lost.
  void Problem(uint64_t line, std::string_view text);
  // Something had to be left out.
  void Truncate(uint64_t line, std::string_view text);
  // The same, and nothing more is taken.
  void Stop(uint64_t line, std::string_view text);
  bool stopped() const { return stopped_; }
  Metadata Finish();

 private:
  std::string Clean(uint64_t line, std::string_view text);

  MetadataTextOptions options_;
  Metadata metadata_;
  size_t total_bytes_ = 0;
  uint64_t problems_ = 0;
  bool stopped_ = false;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::MetadataCollector;
}  // namespace seshat
