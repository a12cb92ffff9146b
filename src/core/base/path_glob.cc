#include "core/base/path_glob.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace seshat {
namespace {

constexpr size_t kMaxGlobBytes = 1024;

struct Token {
  enum class Kind { kByte, kAnyByte, kSet, kStar, kDoubleStar, kFolders };
  Kind kind = Kind::kByte;
  char byte = 0;
  std::string_view set;  // of kSet: what stands between the brackets, without '!'
  bool negated = false;
};

bool SetHolds(std::string_view set, char byte) {
  for (size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      const auto b = static_cast<unsigned char>(byte);
      if (static_cast<unsigned char>(set[i]) <= b && b <= static_cast<unsigned char>(set[i + 2])) return true;
      i += 2;
    } else if (set[i] == byte) {
      return true;
    }
  }
  return false;
}

// Reads the set that opens at glob[at]; moves `at` behind its ']'.
std::optional<Token> ReadSet(std::string_view glob, size_t& at) {
  size_t begin = at + 1;
  Token token{.kind = Token::Kind::kSet};
  if (begin < glob.size() && glob[begin] == '!') {
    token.negated = true;
    ++begin;
  }
  // A ']' right at the beginning is one of the bytes.
  const size_t end = glob.find(']', begin + 1);
  if (begin >= glob.size() || end == std::string_view::npos) return std::nullopt;
  token.set = glob.substr(begin, end - begin);
  at = end + 1;
  return token;
}

Token ReadStars(std::string_view glob, size_t& at) {
  const bool at_segment_start = at == 0 || glob[at - 1] == '/';
  size_t end = at;
  while (end < glob.size() && glob[end] == '*') ++end;
  const bool several = end - at > 1;
  at = end;
  if (!several) return {.kind = Token::Kind::kStar};
  if (at_segment_start && end < glob.size() && glob[end] == '/') {
    ++at;
    return {.kind = Token::Kind::kFolders};
  }
  return {.kind = Token::Kind::kDoubleStar};
}

// Nothing where the glob is malformed.
std::optional<std::vector<Token>> Tokenize(std::string_view glob) {
  if (glob.empty() || glob.size() > kMaxGlobBytes) return std::nullopt;
  std::vector<Token> tokens;
  for (size_t at = 0; at < glob.size();) {
    switch (glob[at]) {
      case '*':
        tokens.push_back(ReadStars(glob, at));
        break;
      case '?':
        tokens.push_back({.kind = Token::Kind::kAnyByte});
        ++at;
        break;
      case '[': {
        const auto set = ReadSet(glob, at);
        if (!set) return std::nullopt;
        tokens.push_back(*set);
        break;
      }
      case '\\':
        if (at + 1 == glob.size()) return std::nullopt;
        tokens.push_back({.byte = glob[at + 1]});
        at += 2;
        break;
      default:
        tokens.push_back({.byte = glob[at++]});
    }
  }
  return tokens;
}

bool Accepts(const Token& token, char byte) {
  switch (token.kind) {
    case Token::Kind::kByte:
      return byte == token.byte;
    case Token::Kind::kAnyByte:
    case Token::Kind::kStar:
      return byte != '/';
    case Token::Kind::kSet:
      return byte != '/' && SetHolds(token.set, byte) != token.negated;
    case Token::Kind::kDoubleStar:
    case Token::Kind::kFolders:
      return true;
  }
  return false;
}

// reach[i]: the tokens so far match the first i bytes of the path.
std::vector<char> Advance(const Token& token, std::string_view path, const std::vector<char>& reach) {
  std::vector<char> next(path.size() + 1, 0);
  const bool repeats = token.kind == Token::Kind::kStar || token.kind == Token::Kind::kDoubleStar;
  bool open = false;  // of kFolders: some earlier position was reached
  for (size_t i = 0; i <= path.size(); ++i) {
    if (token.kind == Token::Kind::kFolders) {
      next[i] = static_cast<char>(reach[i] != 0 || (open && path[i - 1] == '/'));
      open = open || reach[i] != 0;
    } else if (repeats) {
      next[i] = static_cast<char>(reach[i] != 0 || (i > 0 && next[i - 1] != 0 && Accepts(token, path[i - 1])));
    } else {
      next[i] = static_cast<char>(i > 0 && reach[i - 1] != 0 && Accepts(token, path[i - 1]));
    }
  }
  return next;
}

}  // namespace

Status CheckPathGlob(std::string_view glob) {
  if (glob.empty()) return Fail(ErrorCode::kInvalidArgument, "a glob is empty: use ** for every file");
  if (glob.size() > kMaxGlobBytes) return Fail(ErrorCode::kInvalidArgument, "a glob is longer than 1,024 bytes");
  if (!Tokenize(glob)) {
    return Fail(ErrorCode::kInvalidArgument,
                "the glob '" + std::string(glob) +
                    "' has a '[' without ']' or ends with '\\': write \\[ or \\\\ for the byte itself");
  }
  return {};
}

bool PathGlobMatches(std::string_view glob, std::string_view path) {
  const auto tokens = Tokenize(glob);
  if (!tokens) return false;
  std::vector<char> reach(path.size() + 1, 0);
  reach[0] = 1;
  for (const Token& token : *tokens) reach = Advance(token, path, reach);
  return reach[path.size()] != 0;
}

}  // namespace seshat
