#include "adapters/sqlite_metadata_store/relevance.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace seshat::sqlite_index {
namespace {

using search_segment::ScoreTrace;
using search_segment::SegmentQuery;
using search_segment::WordTrace;

// How fast the gain from a word's further occurrences fades; BM25's usual one.
constexpr double kSaturation = 1.2;

double Rarity(double sessions, double with_it) {
  return std::log(1 + (sessions - with_it + 0.5) / (with_it + 0.5));
}

// In how many of a segment's documents a word is, at least: those of the field that has it most.
size_t DocsWith(const WordTrace& word) {
  size_t most = 0;
  for (const auto& posting : word) most = std::max(most, posting.count());
  return most;
}

class Scorer {
 public:
  Scorer(const Matches& matches, const SegmentQuery& query, const Traces& traces)
      : query_(query), traces_(traces) {
    const auto sessions = static_cast<double>(matches.view->sessions());
    for (size_t leaf = 0; leaf < query.scored().size(); ++leaf) {
      const size_t words = query.scored()[leaf].words;
      auto& rarities = rarities_.emplace_back(std::max<size_t>(words, 1));
      for (size_t word = 0; word < rarities.size(); ++word) {
        double with_it = 0;
        for (const auto& trace : traces)
          with_it += static_cast<double>(CountIn(trace.parts[leaf], words, word));
        rarities[word] = Rarity(sessions, std::min(with_it, sessions)) * query.scored()[leaf].boost;
      }
    }
  }

  // Of these documents of one segment, ascending.
  std::vector<double> Score(size_t segment, const std::vector<uint16_t>& docs) const {
    std::vector<double> scores(docs.size());
    std::vector<uint32_t> times;
    for (size_t leaf = 0; leaf < rarities_.size(); ++leaf) {
      const auto& part = traces_[segment].parts[leaf];
      if (query_.scored()[leaf].words == 0) {
        for (size_t i = 0; i < docs.size(); ++i)
          if (part.docs.Has(docs[i])) scores[i] += rarities_[leaf][0] / (1 + kSaturation);
        continue;
      }
      for (size_t word = 0; word < part.words.size(); ++word) {
        times.assign(docs.size(), 0);
        for (const auto& posting : part.words[word]) posting.AddTimes(docs, times);
        for (size_t i = 0; i < docs.size(); ++i)
          scores[i] += rarities_[leaf][word] * times[i] / (times[i] + kSaturation);
      }
    }
    return scores;
  }

 private:
  static size_t CountIn(const ScoreTrace::Part& part, size_t words, size_t word) {
    if (words == 0) return part.docs.Count();
    return word < part.words.size() ? DocsWith(part.words[word]) : 0;
  }

  const SegmentQuery& query_;
  const Traces& traces_;
  std::vector<std::vector<double>> rarities_;  // by leaf and word
};

}  // namespace

std::vector<OrderedRow> RankNewest(const Matches& matches, const SegmentQuery& query, const Traces& traces) {
  std::map<size_t, std::vector<uint16_t>> docs;  // by segment; each ascending, as newest first is
  size_t count = 0;
  for (NewestWalk walk(matches, nullptr); !walk.at_end() && count < kMostRanked; walk.Next(), ++count)
    docs[walk.place().segment].push_back(static_cast<uint16_t>(walk.place().doc));
  const Scorer scorer(matches, query, traces);
  std::vector<OrderedRow> rows;
  for (const auto& [segment, of_segment] : docs) {
    const auto scores = scorer.Score(segment, of_segment);
    for (size_t i = 0; i < of_segment.size(); ++i) {
      auto key = NewestKey(*matches.view->segments[segment].segment, of_segment[i]);
      key.group = SortKey::Group::kNumber;
      key.number = scores[i];
      rows.push_back({{segment, of_segment[i]}, std::move(key)});
    }
  }
  return rows;
}

}  // namespace seshat::sqlite_index
