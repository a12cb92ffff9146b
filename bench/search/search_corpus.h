// A synthetic lab for search benchmarks: any number of sessions with 30 metadata keys each, and the ten shapes of
// queries over them. The same seed and number give the same session on every machine, in any order.
//
// Of the 30 keys 12 have few values (3 to 300, skewed), 5 have many (serial numbers, file names …), 11 are numbers or
// dates, and `title` and `notes` are 6 and 25 words that follow Zipf's law over 40,000 made-up words: the commonest one
// is in nine of ten sessions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/query/session_document.h"
#include "ports/metadata_store.h"

namespace seshat::bench {

class SearchCorpus {
 public:
  SearchCorpus(uint64_t seed, uint64_t sessions);

  uint64_t sessions() const { return sessions_; }
  // Session `number`, below sessions(). They come in the order in which they started, one in thirty late.
  SessionDocument Session(uint64_t number) const;

  // A word as texts have them: by frequency.
  const std::string& WordByFrequency(double uniform) const;
  // A value of a key with few values, by frequency.
  std::string Category(std::string_view key, double uniform) const;
  std::string Serial(uint64_t number) const;

 private:
  void AddMetadata(uint64_t number, Timestamp started_at, std::vector<MetadataEntry>& out) const;
  std::string SomeWords(uint64_t number, uint64_t salt, int count) const;

  uint64_t seed_;
  uint64_t sessions_;
  std::vector<std::string> words_;
};

// One kind of query that is asked many times with other words in it.
struct SearchShape {
  std::string_view name;
  bool ranked;  // asks for the best ones first where the store can rank
  std::string (*query)(const SearchCorpus& corpus, uint64_t number);
};

// The ten of docs/formats and of the benchmarks page.
std::span<const SearchShape> SearchShapes();

// The request number `number` of a shape: a page of 50 with five facets. `ranked`: whether the store can rank.
SearchRequest MakeRequest(const SearchCorpus& corpus, const SearchShape& shape, uint64_t number, bool can_rank);

}  // namespace seshat::bench
