#include "adapters/file_store/put_state.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace seshat::file_store {
namespace {

bool IsTempName(std::string_view name) {
  return name.size() >= 2 && name.size() <= 64 && name[0] == 'r' &&
         name.find_first_not_of("0123456789abcdef-", 1) == std::string_view::npos;
}

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

std::string PutState::Format() const {
  if (done) return fmt::format("file 1 {} {} done {}", name, size, done->ToHex());
  return fmt::format("file 1 {} {} at {}", name, size, durable);
}

std::optional<PutState> PutState::Parse(std::string_view text) {
  const auto words = Words(text);
  if (words.size() != 6 || words[0] != "file" || words[1] != "1" || !IsTempName(words[2]))
    return std::nullopt;
  PutState state{.name = std::string(words[2])};
  const auto size = Number(words[3]);
  if (!size) return std::nullopt;
  state.size = *size;
  if (words[4] == "done") {
    const auto digest = Sha256::FromHex(words[5]);
    if (!digest) return std::nullopt;
    state.done = *digest;
    state.durable = state.size;
    return state;
  }
  const auto durable = Number(words[5]);
  if (words[4] != "at" || !durable || *durable > state.size) return std::nullopt;
  state.durable = *durable;
  return state;
}

}  // namespace seshat::file_store
