#include "core/query/query_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/utf8.h"
#include "core/metadata/metadata.h"
#include "core/metadata/units.h"

namespace seshat::query {
namespace {

struct Hint {
  std::string_view word;
  std::string_view instead;
};

constexpr Hint kDays[] = {{"today", "now/d"},       {"yesterday", "now-1d/d"}, {"tomorrow", "now+1d/d"},
                          {"lastweek", "now-1w/w"}, {"heute", "now/d"},        {"gestern", "now-1d/d"}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool IsMadeOf(std::string_view text, std::string_view signs) {
  return !text.empty() && IsDigit(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return IsDigit(c) || signs.find(c) != std::string_view::npos; });
}

size_t Count(std::string_view text, char c) { return static_cast<size_t>(std::ranges::count(text, c)); }

bool IsNumber(std::string_view text) { return metadata::TypeValue(text).number.has_value(); }

// "1,000" and "1,5"; empty for anything else.
std::string WithoutCommas(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma == std::string_view::npos || !IsMadeOf(text, ",.")) return "";
  std::string out(text);
  const bool points = text.find('.') < comma;  // "1.000,5"
  if (points) std::erase(out, '.');
  constexpr size_t kThousands = 3;
  if (Count(text, ',') == 1 && (points || text.size() - comma - 1 != kThousands)) {
    out[out.find(',')] = '.';
  } else {
    std::erase(out, ',');
  }
  return IsNumber(out) ? out : "";
}

// "1_000", "2M", "2mb".
std::string HintForNumber(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return c == '_' || c == '\''; });
  if (digits.size() < text.size() && IsNumber(digits))
    return fmt::format("Write numbers without signs between their digits: {}.", digits);
  const size_t end = text.find_last_of("0123456789") + 1;  // 0 where there is none
  const auto number = text.substr(0, end);
  const auto unit = text.substr(end);
  constexpr size_t kMaxUnit = 4;
  if (!IsNumber(number) || unit.empty() || unit.size() > kMaxUnit) return "";
  constexpr std::array<std::pair<char, std::string_view>, 4> kThousands{
      {{'k', "e3"}, {'m', "e6"}, {'g', "e9"}, {'t', "e12"}}};
  const char first = Lower(unit).front();
  const auto* factor = std::ranges::find(kThousands, first, [](const auto& f) { return f.first; });
  if (unit.size() == 1 && factor != kThousands.end())
    return fmt::format("Write {}{}, or the whole unit: {}{}B.", number, factor->second, number,
                       static_cast<char>(first - 'a' + 'A'));
  std::string known;
  for (size_t cases = 0; cases < size_t{1} << unit.size(); ++cases) {
    std::string other = Lower(unit);
    for (size_t i = 0; i < other.size(); ++i)
      if ((cases >> i & 1) != 0 && other[i] >= 'a' && other[i] <= 'z') other[i] -= 'a' - 'A';
    if (metadata::FamilyOf(other).empty() || !metadata::IsUnitSymbol(other)) continue;
    if (const auto one = fmt::format("{}{}", number, other); known.find(one) == std::string::npos)
      known += (known.empty() ? "" : " or ") + one;
  }
  return known.empty() ? "" : fmt::format("Write units as in {}.", known);
}

std::string HintForDate(std::string_view text) {
  if ((Count(text, '.') == 2 && IsMadeOf(text, ".")) || (Count(text, '/') == 2 && IsMadeOf(text, "/")))
    return "Write dates as 2026-11-23.";
  constexpr size_t kMonth = 7;  // 2026-11
  if (text.size() == kMonth && text[4] == '-' && IsMadeOf(text, "-"))
    return fmt::format("Write {}-01 for its start, or {}-01||/M for the whole month.", text, text);
  if (text.find(':') != std::string_view::npos && IsMadeOf(text, ":."))
    return "Write durations as 1h30m or 90s, and times with their date: 2026-11-23T05:50.";
  const auto lower = Lower(text);
  for (const auto& day : kDays)
    if (lower == day.word) return fmt::format("Write {}.", day.instead);
  if (lower.starts_with("now")) return "Date math is now-7d, now+1h+30m, now/d for today.";
  if (lower == "last" || lower == "this") return "Write now-7d for the last seven days, now/M for this month.";
  return "";
}

}  // namespace

std::string HintForOrdering(std::string_view field, std::string_view sign, std::string_view text) {
  if (IsNumber(field) && !text.empty()) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTurned{
        {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}}};
    const auto* turned = std::ranges::find(kTurned, sign, [](const auto& pair) { return pair.first; });
    if (turned != kTurned.end())
      return fmt::format("The field comes first: write {} {} {}.", EscapeForTerminal(text), turned->second, field);
  }
  if (auto quotes = HintForQuotes(text); !quotes.empty()) return quotes;
  if (const auto plain = WithoutCommas(text); !plain.empty())
    return fmt::format("Write numbers with a point and without ',': {} {} {}.", field, sign, plain);
  if (auto number = HintForNumber(text); !number.empty()) return number;
  if (auto date = HintForDate(text); !date.empty()) return date;
  if (!text.empty() && std::string_view("<>=").find(text.front()) != std::string_view::npos)
    return "The signs are = != < <= > >=.";
  return fmt::format("Write for example {} {} 60, or {} = \"…\" for a text.", field, sign, field);
}

std::string HintForBound(std::string_view field, std::string_view text) {
  for (const std::string_view separator : {"..", ",", ";", "-", "–", ":"}) {
    const size_t at = text.find(separator, 1);
    if (at == std::string_view::npos) continue;
    const auto low = text.substr(0, at);
    const auto high = text.substr(at + separator.size());
    if (IsNumber(low) && (IsNumber(high) || high.empty()))
      return fmt::format("Write {}:[{} TO {}].", field, low, high.empty() ? "…" : high);
  }
  if (auto date = HintForDate(text); !date.empty()) return date;
  return "Texts have no order here.";
}

std::string HintForClause(std::string_view rest) {
  if (rest.empty()) return "Add a clause or remove the operator.";
  switch (rest.front()) {
    case '<':
    case '>':
    case '=':
      return "A comparison starts with its field: temp > 5, or temp:(>5 and <10).";
    case '!':
      return "A comparison starts with its field: rig != a. To exclude a clause write not rig:a.";
    case ':':
      return "A field comes before ':': write rig:a.";
    case '[':
    case '{':
      return "A range needs its field: temp:[5 TO 10].";
    case ')':
      return "Remove the ')', or write something before it.";
    default:
      return "Put special characters in quotes.";
  }
}

std::string HintForListSign(std::string_view rest) {
  const auto sign = rest.substr(0, rest.find_first_of(" \t\r\n()\""));
  if (sign == "|") return "Write or between the clauses.";
  if (sign == "&") return "Write and between the clauses, or just a blank.";
  if (sign == "," || sign == ";") return "Clauses stand side by side; write or between alternatives.";
  return "";
}

std::string HintForFieldName(std::string_view name) {
  const auto lower = Lower(name);
  if (lower == "has" || lower == "exists" || lower == "have") return "write FIELD:* for sessions that have a field";
  if (lower == "missing" || lower == "without") return "write not FIELD:* for sessions without a field";
  if (lower == "before" || lower == "until") return "write started_at < 2026-11-23";
  if (lower == "after" || lower == "since") return "write started_at >= 2026-11-23";
  return "";
}

std::string HintForQuotes(std::string_view word) {
  constexpr std::string_view kQuotes[] = {"'", "‘", "’", "‚", "“", "”", "„", "«", "»", "`"};
  const auto* open = std::ranges::find_if(kQuotes, [&](std::string_view quote) { return word.starts_with(quote); });
  if (open == std::end(kQuotes) || word.size() <= open->size()) return "";
  word.remove_prefix(open->size());
  while (word.ends_with(',') || word.ends_with(';')) word.remove_suffix(1);
  const auto* close = std::ranges::find_if(kQuotes, [&](std::string_view quote) { return word.ends_with(quote); });
  if (close != std::end(kQuotes)) {
    word.remove_suffix(close->size());
    return fmt::format("Quotes are \"…\": write \"{}\".", EscapeForTerminal(word));
  }
  return fmt::format("Quotes are \"…\": write \"{} …\".", EscapeForTerminal(word));
}

}  // namespace seshat::query
