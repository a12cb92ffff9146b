#include "core/metadata/metadata_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/metadata/metadata_collector.h"
#include "core/metadata/metadata_json.h"
#include "core/metadata/metadata_lines.h"
#include "core/metadata/text_decoder.h"

namespace seshat::metadata {

struct MetadataTextParser::State {
  explicit State(const MetadataTextOptions& options) : collector(options), lines(collector) {}

  void Text(std::string_view text) {
    if (!form_known) ChooseForm(text);
    if (json) {
      json->Feed(text);
    } else {
      lines.Feed(text);
    }
  }

  // Blank lines go to the line reader, which counts them; the first other byte decides.
  void ChooseForm(std::string_view& text) {
    const size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    lines_before += static_cast<uint64_t>(std::ranges::count(text.substr(0, first), '\n'));
    lines.Feed(text.substr(0, first));
    text.remove_prefix(first);
    if (text.empty()) return;
    form_known = true;
    if (text.front() == '{') json.emplace(collector, lines_before + 1);
  }

  MetadataCollector collector;
  TextDecoder decoder;
  MetadataLines lines;
  std::optional<MetadataJson> json;
  bool form_known = false;
  uint64_t lines_before = 0;
};

MetadataTextParser::MetadataTextParser(const MetadataTextOptions& options) : state_(std::make_unique<State>(options)) {}
MetadataTextParser::~MetadataTextParser() = default;
MetadataTextParser::MetadataTextParser(MetadataTextParser&&) noexcept = default;
MetadataTextParser& MetadataTextParser::operator=(MetadataTextParser&&) noexcept = default;

void MetadataTextParser::Feed(ByteSpan bytes) {
  constexpr size_t kPiece = 64 * 1024;  // the decoder may have to copy
  for (auto text = AsText(bytes); !text.empty() && !full();) {
    const auto piece = text.substr(0, kPiece);
    state_->Text(state_->decoder.Decode(piece));
    text.remove_prefix(piece.size());
  }
}

bool MetadataTextParser::full() const { return state_->collector.stopped(); }

Metadata MetadataTextParser::Finish() {
  state_->Text(state_->decoder.Finish());
  if (state_->json) {
    state_->json->Finish();
  } else {
    state_->lines.Finish();
  }
  return state_->collector.Finish();
}

}  // namespace seshat::metadata
