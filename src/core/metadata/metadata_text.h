// The session metadata file, read as a stream: lines of `key: value`, or one JSON object.
// docs/formats/metadata-text.md is the grammar. Any bytes can be fed; memory stays within a small multiple of
// MetadataTextOptions::max_total_bytes whatever they are.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/metadata/metadata.h"
#include "core/metadata/metadata_text_options.h"

namespace seshat::metadata {

// Feed the file from its first byte to its last in pieces of any size, then Finish once. Not thread-safe.
class MetadataTextParser {
 public:
  explicit MetadataTextParser(const MetadataTextOptions& options = {});
  ~MetadataTextParser();
  MetadataTextParser(MetadataTextParser&&) noexcept;
  MetadataTextParser& operator=(MetadataTextParser&&) noexcept;

  void Feed(ByteSpan bytes);
  // True when nothing that follows can change the result any more: the rest need not be read.
  bool full() const;
  Metadata Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seshat::metadata

namespace seshat {
using metadata::MetadataTextParser;
}  // namespace seshat
