#include "core/base/path_glob.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace seshat {
namespace {

using Bytes = std::bitset<256>;

size_t Code(char byte) { return static_cast<unsigned char>(byte); }

Bytes Only(char byte) { return Bytes().set(Code(byte)); }

Bytes AllButSlash() { return ~Only('/'); }

// Reads the set that opens at glob[at]; moves `at` behind its ']'. Nothing where it has none.
std::optional<Bytes> ReadSet(std::string_view glob, size_t& at) {
  size_t begin = at + 1;
  const bool negated = begin < glob.size() && (glob[begin] == '!' || glob[begin] == '^');
  if (negated) ++begin;
  // A ']' right at the beginning is one of the bytes.
  const size_t end = glob.find(']', begin + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view set = glob.substr(begin, end - begin);
  at = end + 1;
  Bytes bytes;
  for (size_t i = 0; i < set.size(); ++i) {
    const bool range = i + 2 < set.size() && set[i + 1] == '-';
    const size_t last = Code(range ? set[i + 2] : set[i]);
    for (size_t code = Code(set[i]); code <= last; ++code) bytes.set(code);
    if (range) i += 2;
  }
  if (negated) bytes = ~bytes;
  return bytes.reset('/');
}

}  // namespace

PathGlob::PathGlob(std::string pattern)
    : pattern_(std::move(pattern)), name_only_(pattern_.find('/') == std::string::npos) {
  if (pattern_.empty()) {
    problem_ = "a pattern is empty: use ** for every file";
  } else if (pattern_.size() > kMaxBytes) {
    problem_ = "a pattern is longer than 1,024 bytes";
  } else if (!Read(pattern_)) {
    problem_ =
        "the pattern '" + pattern_ + "' has a '[' without ']' or ends with '\\': write \\[ or \\\\ for the byte itself";
  } else if (pattern_.back() == '/') {
    problem_ = "the pattern '" + pattern_ + "' ends with '/', as no file's path does: use " + pattern_ +
               "** for what lies in a folder";
  }
  if (problem_.empty()) Simplify();
}

// Fills tokens_. False: malformed.
bool PathGlob::Read(std::string_view pattern) {
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  for (size_t at = 0; at < pattern.size();) {
    const size_t begin = at;
    switch (pattern[at]) {
      case '*': {
        at = std::min(pattern.find_first_not_of('*', at), pattern.size());
        const bool several = at - begin > 1;
        const bool segment =
            several && (begin == 0 || pattern[begin - 1] == '/') && pattern.substr(at).starts_with('/');
        if (segment) ++at;
        tokens_.push_back({segment ? Kind::kFolders : several ? Kind::kDoubleStar : Kind::kStar, {}});
        break;
      }
      case '?':
        tokens_.push_back({Kind::kByte, AllButSlash()});
        ++at;
        break;
      case '[': {
        const auto set = ReadSet(pattern, at);
        if (!set) return false;
        tokens_.push_back({Kind::kByte, *set});
        break;
      }
      case '\\':
        if (++at == pattern.size()) return false;
        [[fallthrough]];
      default:
        tokens_.push_back({Kind::kByte, Only(pattern[at++])});
    }
  }
  return true;
}

// Takes the plain bytes off both ends, and names the simple forms of what is left.
void PathGlob::Simplify() {
  const auto plain = [](const Token& token) { return token.kind == Kind::kByte && token.bytes.count() == 1; };
  const auto byte = [](const Token& token) { return static_cast<char>(token.bytes._Find_first()); };
  const auto first = std::ranges::find_if_not(tokens_, plain);
  std::transform(tokens_.begin(), first, std::back_inserter(begin_), byte);
  tokens_.erase(tokens_.begin(), first);
  while (!tokens_.empty() && plain(tokens_.back())) {
    end_.insert(end_.begin(), byte(tokens_.back()));
    tokens_.pop_back();
  }
  const auto is = [&](std::initializer_list<Kind> kinds) {
    return std::ranges::equal(tokens_, kinds, {}, &Token::kind);
  };
  if (tokens_.empty()) {
    middle_ = Middle::kNothing;
  } else if (is({Kind::kStar})) {
    middle_ = name_only_ ? Middle::kAnything : Middle::kName;
  } else if (is({Kind::kDoubleStar}) || is({Kind::kFolders, Kind::kStar})) {
    middle_ = Middle::kAnything;
  } else if (is({Kind::kFolders})) {
    middle_ = Middle::kFolders;
  } else {
    middle_ = Middle::kTokens;
  }
  // "*" and "**" hold of every name: its beginning need not be looked for.
  if (middle_ == Middle::kAnything && begin_.empty() && end_.find('/') == std::string::npos) name_only_ = false;
}

Status PathGlob::status() const {
  if (problem_.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, problem_);
}

bool PathGlob::Matches(std::string_view path) const {
  if (name_only_) path.remove_prefix(path.rfind('/') + 1);
  if (path.size() < begin_.size() + end_.size() || !path.starts_with(begin_) || !path.ends_with(end_)) return false;
  const std::string_view text = path.substr(begin_.size(), path.size() - begin_.size() - end_.size());
  switch (middle_) {
    case Middle::kNothing:
      return text.empty();
    case Middle::kName:
      return text.find('/') == std::string_view::npos;
    case Middle::kAnything:
      return true;
    case Middle::kFolders:
      return text.empty() || text.back() == '/';
    case Middle::kTokens:
      return MatchTokens(text);
    case Middle::kRefused:
      return false;
  }
  return false;
}

// reach[i]: the tokens so far match the first i bytes of the text.
bool PathGlob::MatchTokens(std::string_view text) const {
  std::vector<char> reach(text.size() + 1, 0);
  reach[0] = 1;
  for (const Token& token : tokens_) {
    if (token.kind == Kind::kByte) {
      for (size_t i = text.size(); i > 0; --i)
        reach[i] = static_cast<char>(reach[i - 1] != 0 && token.bytes[Code(text[i - 1])]);
      reach[0] = 0;
      continue;
    }
    bool open = false;  // the token may end here, or (kFolders) began before
    for (size_t i = 0; i <= text.size(); ++i) {
      const bool slash = i > 0 && text[i - 1] == '/';
      if (token.kind == Kind::kFolders) {
        const bool ends = reach[i] != 0 || (open && slash);
        open = open || reach[i] != 0;
        reach[i] = static_cast<char>(ends);
      } else {
        open = reach[i] != 0 || (open && (token.kind == Kind::kDoubleStar || !slash));
        reach[i] = static_cast<char>(open);
      }
    }
  }
  return reach[text.size()] != 0;
}

Status CheckPathGlobs(std::string_view setting, std::span<const PathGlob> globs) {
  for (const auto& glob : globs) {
    if (auto status = glob.status(); !status) return std::unexpected(std::move(status).error().WithContext(setting));
  }
  return {};
}

size_t FirstMatch(std::span<const PathGlob> globs, std::string_view path) {
  return static_cast<size_t>(std::ranges::find_if(globs, [&](const PathGlob& glob) { return glob.Matches(path); }) -
                             globs.begin());
}

}  // namespace seshat
