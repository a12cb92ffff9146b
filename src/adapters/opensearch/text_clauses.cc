#include "adapters/opensearch/text_clauses.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/opensearch/index_terms.h"
#include "adapters/opensearch/regex_translation.h"
#include "adapters/opensearch/value_clauses.h"
#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "core/query/text_match.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

constexpr std::string_view kValueWords = "meta.t";
constexpr std::string_view kAllWords = "all";

bj::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// {"<kind>": {"<field>": body}}
bj::object On(std::string_view kind, std::string_view field, bj::value body) {
  return {{View(kind), {{View(field), std::move(body)}}}};
}

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

bj::object Phrase(std::string_view field, const std::vector<std::string>& words, int slop) {
  if (words.size() == 1) return On("term", field, bj::string(words[0]));
  if (slop == 0) return On("match_phrase", field, bj::string(Joined(words)));
  return On("intervals", field, {{"match", {{"query", Joined(words)}, {"ordered", true}, {"max_gaps", slop}}}});
}

bj::object EachWord(std::string_view field, const std::vector<std::string>& words) {
  bj::array each;
  for (const auto& word : words) each.push_back(On("term", field, bj::string(word)));
  return AllOfClauses(std::move(each));
}

TextClauses CompileWords(const TextMatcher& matcher) {
  TextClauses out;
  const auto& words = matcher.words();
  if (words.empty()) return out;
  // A phrase that wide could reach into the next of several values: the words have to be there, the rest is looked at.
  if (words.size() > 1 && matcher.slop() >= kValueGap) {
    out.exact = false;
    out.value = EachWord(kValueWords, words);
    out.root = EachWord(kAllWords, words);
    return out;
  }
  out.value = Phrase(kValueWords, words, matcher.slop());
  out.root = Phrase(kAllWords, words, matcher.slop());
  return out;
}

size_t Letters(std::string_view word) {
  return static_cast<size_t>(
      std::ranges::count_if(word, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// text_match.h: automatic edits by the number of letters.
int EditsFor(std::string_view word, int distance) {
  if (distance >= 0) return distance;
  const size_t letters = Letters(word);
  return letters <= 2 ? 0 : letters <= 5 ? 1 : 2;
}

bj::object Fuzzy(std::string_view field, const std::string& word, int distance) {
  const int edits = EditsFor(word, distance);
  if (edits == 0) return On("term", field, bj::string(word));
  // This way of rewriting takes every word that is near enough; the others stop at a number of them.
  return On("fuzzy", field,
            {{"value", word}, {"fuzziness", edits}, {"transpositions", true}, {"rewrite", "constant_score"}});
}

TextClauses CompileFuzzy(const Text& text, const TextMatcher& matcher) {
  TextClauses out;
  const auto& words = matcher.words();
  if (words.empty()) return out;
  // Several words have to be near words of the same value; a document knows only that they are somewhere in it.
  out.exact = words.size() == 1;
  bj::array value, root;
  for (const auto& word : words) {
    value.push_back(Fuzzy(kValueWords, word, text.distance));
    root.push_back(Fuzzy(kAllWords, word, text.distance));
  }
  out.value = AllOfClauses(std::move(value));
  out.root = AllOfClauses(std::move(root));
  return out;
}

// Lucene turns a pattern into an automaton that may grow with 2 to the power of the '?' behind a '*'.
bool IsSimple(std::string_view pattern) {
  constexpr size_t kMaxBytes = 200;
  constexpr int kMaxMarks = 4;
  const size_t star = pattern.find('*');
  const auto rest = star == std::string_view::npos ? std::string_view() : pattern.substr(star);
  return pattern.size() <= kMaxBytes && std::ranges::count(rest, '?') <= kMaxMarks;
}

TextClauses CompileWildcard(const Text& text, bool engine_patterns) {
  TextClauses out;
  const auto pattern = metadata::FoldAccents(text.text);
  if (!IsValidUtf8(pattern)) return out;
  const bool stars = !pattern.empty() && pattern.find_first_not_of('*') == std::string::npos;
  out.exists = stars || !engine_patterns || !IsSimple(pattern);
  if (out.exists) {
    out.exact = stars;
    return out;
  }
  out.looks_at_wholes = true;
  const auto on = [&](std::string_view field) { return On("wildcard", field, {{"value", pattern}}); };
  // `s` is the whole text where there is no `f`.
  auto short_text = AllOfClauses({on("meta.s"), NoneOfClauses({ExistsClause("meta.f")})});
  out.whole = AnyOfClauses({on("meta.f"), std::move(short_text)});
  out.value = AnyOfClauses({on(kValueWords), *out.whole});
  out.root = on(kAllWords);
  out.name = on("names");
  return out;
}

TextClauses CompileRegex(const Text& text, bool engine_patterns) {
  TextClauses out;
  const auto translated = engine_patterns ? TranslateRegex(text.text) : std::nullopt;
  if (!translated) {
    out.exists = true;
    out.exact = false;
    return out;
  }
  out.looks_at_wholes = true;
  const auto on = [&](std::string_view field) {
    return On("regexp", field, {{"value", *translated}, {"flags", "NONE"}});
  };
  out.whole = on("meta.x");
  out.value = AnyOfClauses({on(kValueWords), *out.whole});
  out.root = on(kAllWords);
  out.name = on("written");
  return out;
}

}  // namespace

TextClauses CompileText(const Text& text, bool engine_patterns) {
  if (text.match == TextMatch::kWildcard) return CompileWildcard(text, engine_patterns);
  if (text.match == TextMatch::kRegex) return CompileRegex(text, engine_patterns);
  const auto matcher = TextMatcher::Make(text);
  if (!matcher) return {};  // CheckQuery has seen it
  if (text.match == TextMatch::kFuzzy) return CompileFuzzy(text, *matcher);
  return CompileWords(*matcher);
}

}  // namespace seshat::opensearch
