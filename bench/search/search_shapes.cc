#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "core/query/query_parser.h"
#include "search/search_corpus.h"

namespace seshat::bench {
namespace {

// Reproducible, and unlike from one number to the next.
double Uniform(uint64_t number, uint64_t salt) {
  uint64_t x = number * 0x9E3779B97F4A7C15 + salt * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 29)) * 0x94D049BB133111EB;
  x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
  return static_cast<double>((x ^ (x >> 32)) >> 11) * 0x1p-53;
}

uint64_t AnySession(const SearchCorpus& corpus, uint64_t number) {
  return static_cast<uint64_t>(Uniform(number, 1) * static_cast<double>(corpus.sessions()));
}

std::string Equality(const SearchCorpus& corpus, uint64_t number) {
  return fmt::format("rig = \"{}\"", corpus.Category("rig", Uniform(number, 2)));
}
std::string SerialNumber(const SearchCorpus& corpus, uint64_t number) {
  return fmt::format("serial = {}", corpus.Serial(AnySession(corpus, number)));
}
std::string RangeOfWidth(uint64_t number, double width) {
  const double low = Uniform(number, 3) * (1000 - width);
  return fmt::format("peak_load_n:[{:.3f} TO {:.3f}]", low, low + width);
}
std::string SmallRange(const SearchCorpus&, uint64_t number) { return RangeOfWidth(number, 10); }
std::string LargeRange(const SearchCorpus&, uint64_t number) { return RangeOfWidth(number, 200); }
std::string Prefix(const SearchCorpus& corpus, uint64_t number) {
  const auto serial = corpus.Serial(AnySession(corpus, number));
  return fmt::format("serial:{}*", serial.substr(0, serial.size() - 2 - number % 2));
}
std::string OneWord(const SearchCorpus& corpus, uint64_t number) { return corpus.WordByFrequency(Uniform(number, 4)); }
std::string TwoWords(const SearchCorpus& corpus, uint64_t number) {
  return fmt::format("{} and {}", corpus.WordByFrequency(Uniform(number, 5)),
                     corpus.WordByFrequency(Uniform(number, 6)));
}
// A word of five letters or more with one of them doubled.
std::string Fuzzy(const SearchCorpus& corpus, uint64_t number) {
  constexpr size_t kLetters = 5;
  std::string word;
  for (uint64_t salt = 7; word.size() < kLetters; ++salt) word = corpus.WordByFrequency(Uniform(number, salt));
  word.insert(word.size() / 2, 1, word[word.size() / 2]);
  return word + "~";
}
std::string Negation(const SearchCorpus& corpus, uint64_t number) {
  return fmt::format("not operator = \"{}\"", corpus.Category("operator", Uniform(number, 2)));
}
std::string Combination(const SearchCorpus& corpus, uint64_t number) {
  return fmt::format("{} and site = \"{}\" and temp:[{} TO {}]", corpus.WordByFrequency(Uniform(number, 8)),
                     corpus.Category("site", Uniform(number, 9)), 15 + number % 5, 22 + number % 7);
}

constexpr SearchShape kShapes[] = {
    {"key = value, few values", false, Equality},
    {"key = value, a serial number", false, SerialNumber},
    {"range, 1 % of the sessions", false, SmallRange},
    {"range, 20 % of the sessions", false, LargeRange},
    {"prefix of a serial number", false, Prefix},
    {"one word, best first", true, OneWord},
    {"two words (AND), best first", true, TwoWords},
    {"a misspelt word", false, Fuzzy},
    {"negation", false, Negation},
    {"word AND key = value AND range", false, Combination},
};

}  // namespace

std::span<const SearchShape> SearchShapes() { return kShapes; }

SearchRequest MakeRequest(const SearchCorpus& corpus, const SearchShape& shape, uint64_t number, bool can_rank) {
  SearchRequest request;
  auto query = query::ParseQuery(shape.query(corpus, number));
  if (!query) {
    fmt::print(stderr, "shape '{}', query {}: {}\n", shape.name, number, shape.query(corpus, number));
    std::abort();
  }
  request.query = std::move(*query);
  if (shape.ranked && can_rank) request.sort.by = SortOrder::By::kRelevance;
  request.facets = {"rig", "operator", "site", "sys_name", "status"};
  return request;
}

}  // namespace seshat::bench
