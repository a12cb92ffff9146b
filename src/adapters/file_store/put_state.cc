#include "adapters/file_store/put_state.h"

#include <fmt/format.h>

#include <vector>

#include "core/base/text_parts.h"

namespace seshat::file_store {
namespace {

bool IsTempName(std::string_view name) {
  return name.size() >= 2 && name.size() <= 64 && name[0] == 'r' &&
         name.find_first_not_of("0123456789abcdef-", 1) == std::string_view::npos;
}

}  // namespace

std::string PutState::Format() const {
  if (done) return fmt::format("file 1 {} {} done {}", name, size, done->ToHex());
  return fmt::format("file 1 {} {} at {}", name, size, durable);
}

std::optional<PutState> PutState::Parse(std::string_view text) {
  const auto words = Split(text, ' ');
  if (words.size() != 6 || words[0] != "file" || words[1] != "1" || !IsTempName(words[2])) return std::nullopt;
  PutState state{.name = std::string(words[2])};
  const auto size = ParseInteger<uint64_t>(words[3]);
  if (!size) return std::nullopt;
  state.size = *size;
  if (words[4] == "done") {
    const auto digest = Sha256::FromHex(words[5]);
    if (!digest) return std::nullopt;
    state.done = *digest;
    state.durable = state.size;
    return state;
  }
  const auto durable = ParseInteger<uint64_t>(words[5]);
  if (words[4] != "at" || !durable || *durable > state.size) return std::nullopt;
  state.durable = *durable;
  return state;
}

}  // namespace seshat::file_store
