#include "adapters/sqlite_metadata_store/relevance.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <tuple>

namespace seshat::sqlite_metadata_store {
namespace {

using search_segment::ScoreTrace;
using search_segment::SegmentQuery;
using search_segment::WordTrace;

// How fast the gain from a word's further occurrences fades; BM25's usual one.
constexpr double kSaturation = 1.2;

double Rarity(double sessions, double with_it) { return std::log(1 + (sessions - with_it + 0.5) / (with_it + 0.5)); }

// In how many of a segment's documents a word is, at least: those of the field that has it most.
size_t DocsWith(const WordTrace& word) {
  size_t most = 0;
  for (const auto& posting : word) most = std::max(most, posting.count());
  return most;
}

class Scorer {
 public:
  Scorer(const Matches& matches, const SegmentQuery& query, const Traces& traces) : query_(query), traces_(traces) {
    const auto sessions = static_cast<double>(matches.view->sessions());
    for (size_t leaf = 0; leaf < query.scored().size(); ++leaf) {
      const size_t words = query.scored()[leaf].words;
      auto& rarities = rarities_.emplace_back(std::max<size_t>(words, 1));
      for (size_t word = 0; word < rarities.size(); ++word) {
        double with_it = 0;
        for (const auto& trace : traces) with_it += static_cast<double>(CountIn(trace.parts[leaf], words, word));
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

// The newest matches in their order, and how good each is.
struct Candidates {
  std::vector<DocPlace> places;
  std::vector<double> scores;
};

Candidates ScoreNewest(const Matches& matches, const SegmentQuery& query, const Traces& traces, size_t most) {
  struct Share {
    std::vector<uint16_t> docs;  // ascending, as newest first is
    std::vector<size_t> numbers;
  };
  Candidates out;
  std::vector<Share> shares(matches.found.size());
  for (NewestWalk walk(matches, nullptr); !walk.at_end() && out.places.size() < most; walk.Next()) {
    auto& share = shares[walk.place().segment];
    share.docs.push_back(static_cast<uint16_t>(walk.place().doc));
    share.numbers.push_back(out.places.size());
    out.places.push_back(walk.place());
  }
  out.scores.resize(out.places.size());
  const Scorer scorer(matches, query, traces);
  for (size_t s = 0; s < shares.size(); ++s) {
    if (shares[s].docs.empty()) continue;
    const auto scores = scorer.Score(s, shares[s].docs);
    for (size_t i = 0; i < scores.size(); ++i) out.scores[shares[s].numbers[i]] = scores[i];
  }
  return out;
}

SortKey KeyOf(const Matches& matches, const DocPlace& place) {
  return NewestKey(*matches.view->segments[place.segment].segment, place.doc);
}

std::string_view IdOf(const Matches& matches, const DocPlace& place) {
  return SessionIdOf(*matches.view->segments[place.segment].segment, place.doc);
}

// Numbers of candidates that have not been shown, best first, equal ones newest first.
std::vector<size_t> BestOf(const Matches& matches, const Candidates& candidates,
                           const std::set<std::string_view>& shown, size_t wanted) {
  std::vector<size_t> numbers;
  for (size_t i = 0; i < candidates.scores.size(); ++i)
    if (shown.empty() || !shown.contains(IdOf(matches, candidates.places[i]))) numbers.push_back(i);
  const size_t kept = std::min(wanted, numbers.size());
  std::ranges::partial_sort(numbers, numbers.begin() + static_cast<std::ptrdiff_t>(kept), [&](size_t a, size_t b) {
    return std::tie(candidates.scores[b], a) < std::tie(candidates.scores[a], b);
  });
  numbers.resize(kept);
  return numbers;
}

}  // namespace

Ranking RankNewest(const Matches& matches, const SegmentQuery& query, const Traces& traces, size_t most,
                   const std::optional<SortKey>& after, size_t wanted) {
  const auto shown = ShownBefore(after);
  Ranking out;
  out.ranked = std::min<uint64_t>(most, matches.total());
  std::optional<SortKey> from = after;
  if (!IsBehindRanked(after)) {
    const auto candidates = ScoreNewest(matches, query, traces, most);
    for (const size_t number : BestOf(matches, candidates, shown, wanted)) {
      const auto& place = candidates.places[number];
      auto key = KeyOf(matches, place);
      key.group = SortKey::Group::kNumber;
      key.number = candidates.scores[number];
      out.rows.push_back({place, std::move(key)});
    }
    if (out.ranked == matches.total()) return out;
    from = KeyOf(matches, candidates.places.back());
  }
  for (NewestWalk walk(matches, &*from); !walk.at_end() && out.rows.size() < wanted; walk.Next())
    if (!shown.contains(IdOf(matches, walk.place()))) out.rows.push_back({walk.place(), KeyOf(matches, walk.place())});
  return out;
}

}  // namespace seshat::sqlite_metadata_store
