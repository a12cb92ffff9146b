#include "adapters/opensearch/regex_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/hex.h"
#include "core/base/utf8.h"

namespace seshat::opensearch {
namespace {

constexpr char32_t kLast = 0x10FFFF;
constexpr char32_t kKelvin = 0x212A;  // folds to k
constexpr char32_t kLongS = 0x17F;    // folds to s
constexpr size_t kMaxDepth = 50;
constexpr size_t kMaxBytes = 900;  // index.max_regex_length is 1,000 characters
constexpr int kMaxRepeats = 100;

struct Range {
  char32_t first;
  char32_t last;
};

// Code points; ranges in any order until Normalized.
class Set {
 public:
  void Add(char32_t first, char32_t last) { ranges_.push_back({first, last}); }
  void Add(const Set& other) { ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end()); }

  // Of ranges within ASCII: adds the other cases of letters, two of which are beyond it.
  void AddOtherCases() {
    for (size_t i = 0, count = ranges_.size(); i < count; ++i)
      for (char32_t c = ranges_[i].first; c <= std::min<char32_t>(ranges_[i].last, 'z'); ++c) AddCasesOf(c);
  }

  Set Complement() const {
    Set out;
    char32_t next = 0;
    for (const auto& range : Normalized()) {
      if (range.first > next) out.Add(next, range.first - 1);
      next = range.last + 1;
    }
    if (next <= kLast) out.Add(next, kLast);
    return out;
  }

  std::vector<Range> Normalized() const {
    auto sorted = ranges_;
    std::ranges::sort(sorted, {}, &Range::first);
    std::vector<Range> out;
    for (const auto& range : sorted) {
      if (!out.empty() && range.first <= out.back().last + 1) {
        out.back().last = std::max(out.back().last, range.last);
      } else {
        out.push_back(range);
      }
    }
    return out;
  }

 private:
  void AddCasesOf(char32_t c) {
    const char32_t lower = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    if (lower < 'a' || lower > 'z') return;
    Add(lower, lower);
    Add(lower - ('a' - 'A'), lower - ('a' - 'A'));
    if (lower == 'k') Add(kKelvin, kKelvin);
    if (lower == 's') Add(kLongS, kLongS);
  }

  std::vector<Range> ranges_;
};

void AppendCharacter(std::string& out, char32_t c) {
  const bool plain =
      (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c <= ' ' || c >= 0x80;
  if (!plain) out += '\\';
  AppendUtf8(c, out);
}

// "\d" and its like.
std::optional<Set> PerlClass(char name) {
  Set set;
  switch (name | 0x20) {
    case 'd':
      set.Add('0', '9');
      break;
    case 's':
      for (const char c : std::string_view("\t\n\f\r ")) set.Add(static_cast<char32_t>(c), static_cast<char32_t>(c));
      break;
    case 'w':
      set.Add('0', '9');
      set.Add('A', 'Z');
      set.Add('_', '_');
      set.Add('a', 'z');
      break;
    default:
      return std::nullopt;
  }
  set.AddOtherCases();
  return name >= 'a' ? set : set.Complement();
}

// Recursive descent over the pattern. RE2 has accepted it, so what is read here is well-formed.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : rest_(pattern) {}

  std::optional<std::string> Run() {
    Alternatives(0);
    if (failed_ || !rest_.empty() || out_.size() > kMaxBytes) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool Take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool AtEnd() const { return rest_.empty() || rest_.front() == '|' || rest_.front() == ')'; }
  void Fail() { failed_ = true; }

  void Alternatives(size_t depth) {
    if (depth > kMaxDepth) return Fail();
    do {
      if (out_.size() > kMaxBytes) return Fail();
      Concatenation(depth);
    } while (!failed_ && Take("|") && (out_ += '|', true));
  }

  void Concatenation(size_t depth) {
    // The whole text is matched, so these hold where they stand at its ends anyway.
    if (depth == 0) Take("^");
    const size_t begin = out_.size();
    while (!failed_ && !AtEnd()) {
      if (depth == 0 && rest_.front() == '$' && (rest_.size() == 1 || rest_[1] == '|')) {
        rest_.remove_prefix(1);
        break;
      }
      Atom(depth);
      if (!failed_) Repeat();
    }
    if (out_.size() == begin) out_ += "()";
  }

  void Atom(size_t depth) {
    const char c = rest_.front();
    if (c == '(') return Group(depth);
    if (c == '[') return Class();
    if (c == '\\') return Escape();
    if (c == '^' || c == '$' || static_cast<unsigned char>(c) >= 0x80) return Fail();
    rest_.remove_prefix(1);
    if (c == '.') {
      out_ += '.';
    } else {
      Letter(static_cast<char32_t>(c));
    }
  }

  void Group(size_t depth) {
    rest_.remove_prefix(1);
    if (Take("?P<")) {
      rest_.remove_prefix(std::min(rest_.find('>'), rest_.size() - 1) + 1);
    } else if (rest_.starts_with('?') && !Take("?:")) {
      return Fail();
    }
    out_ += '(';
    Alternatives(depth + 1);
    if (!Take(")")) return Fail();
    out_ += ')';
  }

  void Letter(char32_t c) {
    Set set;
    set.Add(c, c);
    set.AddOtherCases();
    Write(set);
  }

  void Write(const Set& set) {
    const auto ranges = set.Normalized();
    if (ranges.empty()) return Fail();
    if (ranges.size() == 1 && ranges[0].first == ranges[0].last) return AppendCharacter(out_, ranges[0].first);
    out_ += '[';
    for (const auto& range : ranges) {
      AppendCharacter(out_, range.first);
      if (range.last == range.first) continue;
      out_ += '-';
      AppendCharacter(out_, range.last);
    }
    out_ += ']';
  }

  // The character behind a backslash that was read; nothing where it is none.
  std::optional<char32_t> EscapedCharacter() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    static constexpr std::string_view kNames = "tnrfva";
    static constexpr std::string_view kValues = "\t\n\r\f\v\a";
    if (const size_t at = kNames.find(c); at != std::string_view::npos) return kValues[at];
    if (c == 'x' && rest_.size() >= 2 && rest_[0] != '{') {
      const int value = HexDigitValue(rest_[0]) * 16 + HexDigitValue(rest_[1]);
      rest_.remove_prefix(2);
      return value < 0x80 ? std::optional<char32_t>(value) : std::nullopt;
    }
    const bool sign = static_cast<unsigned char>(c) < 0x80 && HexDigitValue(c) < 0 &&
                      !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    return sign ? std::optional<char32_t>(c) : std::nullopt;
  }

  void Escape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return Fail();
    if (const auto set = PerlClass(rest_.front())) {
      rest_.remove_prefix(1);
      return Write(*set);
    }
    const auto c = EscapedCharacter();
    if (!c) return Fail();
    Letter(*c);
  }

  void Class() {
    rest_.remove_prefix(1);
    const bool negated = Take("^");
    Set letters;  // what case matters for
    Set others;
    for (bool first = true; first || !rest_.starts_with(']'); first = false) {
      if (rest_.empty() || rest_.starts_with("[:")) return Fail();
      if (rest_.size() > 1 && rest_[0] == '\\') {
        if (const auto set = PerlClass(rest_[1])) {
          rest_.remove_prefix(2);
          others.Add(*set);
          continue;
        }
      }
      const auto low = ClassCharacter();
      auto high = low;
      if (low && rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        high = ClassCharacter();
      }
      if (!low || !high || *low > *high) return Fail();
      letters.Add(*low, *high);
    }
    rest_.remove_prefix(1);
    letters.AddOtherCases();
    letters.Add(others);
    Write(negated ? letters.Complement() : letters);
  }

  std::optional<char32_t> ClassCharacter() {
    const char c = rest_.front();
    if (static_cast<unsigned char>(c) >= 0x80) return std::nullopt;
    rest_.remove_prefix(1);
    if (c != '\\') return static_cast<char32_t>(c);
    if (rest_.empty()) return std::nullopt;
    return EscapedCharacter();
  }

  void Repeat() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '*' || c == '+' || c == '?') {
        out_ += c;
        rest_.remove_prefix(1);
      } else if (c != '{' || !CountedRepeat()) {
        return;
      }
      Take("?");  // whether it prefers less makes no difference to whether the whole matches
    }
  }

  // "{2}", "{2,}", "{2,5}"; anything else is a brace as it stands.
  bool CountedRepeat() {
    const size_t end = rest_.find('}');
    if (end == std::string_view::npos) return false;
    auto inner = rest_.substr(1, end - 1);
    int low = 0;
    const auto number = [&](int& value) {
      const auto read = std::from_chars(inner.data(), inner.data() + inner.size(), value);
      if (read.ec != std::errc{} || value < 0) return false;
      inner.remove_prefix(static_cast<size_t>(read.ptr - inner.data()));
      return true;
    };
    if (inner.starts_with('-') || !number(low)) return false;
    int high = low;
    std::string counts = fmt::format("{{{}}}", low);
    if (!inner.empty()) {
      if (inner.front() != ',') return false;
      inner.remove_prefix(1);
      if (inner.empty()) {
        counts = fmt::format("{{{},}}", low);
      } else {
        if (inner.starts_with('-') || !number(high) || !inner.empty()) return false;
        counts = fmt::format("{{{},{}}}", low, high);
      }
    }
    rest_.remove_prefix(end + 1);
    if (std::max(low, high) > kMaxRepeats) Fail();
    out_ += counts;
    return true;
  }

  std::string_view rest_;
  std::string out_;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> TranslateRegex(std::string_view pattern) { return Translator(pattern).Run(); }

}  // namespace seshat::opensearch
