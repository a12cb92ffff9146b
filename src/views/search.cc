#include "views/search.h"

#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "services/catalog/highlight_pieces.h"
#include "services/catalog/query_tree.h"
#include "views/fields.h"
#include "views/session.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kHighlightFields[] = {
    {"field", FieldType::kText, "empty: what was hit is the name of a key"},
    {"parts", FieldType::kTexts, "the value cut into texts, every second one of which is what the query hit"},
};
constexpr Field kHitFields[] = {
    {"session_id", FieldType::kText, "the session"},
    {"revision", FieldType::kNumber, "the newest"},
    {"source", FieldType::kText, "where it came from"},
    {"state", FieldType::kText, "complete or partial"},
    {"metadata_state", FieldType::kText, "present, missing, truncated or unreadable"},
    {"started_at", FieldType::kTime, "oldest change among the files"},
    {"ended_at", FieldType::kTime, "newest change among the files"},
    {"file_count", FieldType::kNumber, "its files"},
    {"bytes", FieldType::kNumber, "of all files"},
    {"metadata", FieldType::kObjects, "in the order of the text", Presence::kAlways, &kMetadataEntry},
    {"score", FieldType::kNumber, "by relevance: higher is better", Presence::kOptional},
    {"files", FieldType::kObjects, "with --files: where every file lies, and whether it can be read",
     Presence::kOptional, &kFile},
    {"highlights", FieldType::kObjects, "the values that the query hit", Presence::kAlways, &kHighlight},
};
constexpr Field kFacetFields[] = {
    {"field", FieldType::kText, "whose values are counted"},
    {"values", FieldType::kObjects, "the most frequent ones", Presence::kAlways, &kValueCount},
    {"missing", FieldType::kNumber, "hits without the field"},
};
constexpr Field kHistogramFields[] = {
    {"field", FieldType::kText, "whose numbers or dates are counted"},
    {"edges", FieldType::kTexts, "of the bars, ascending; none where no hit has a value"},
    {"counts", FieldType::kNumbers, "hits between one edge and the next: one less than edges"},
    {"missing", FieldType::kNumber, "hits without such a value"},
};
constexpr Field kStageFields[] = {
    {"name", FieldType::kText, "of the stage"},
    {"milliseconds", FieldType::kNumber, "that it took"},
};
constexpr Field kExplanationFields[] = {
    {"tree", FieldType::kText, "the query, a line for each part of it, indented"},
    {"engine", FieldType::kText, "what was asked"},
    {"request", FieldType::kText, "in the engine's language"},
    {"stages", FieldType::kObjects, "where the time went", Presence::kAlways, &kStage},
};
constexpr Field kSearchPageFields[] = {
    {"query", FieldType::kText, "as it was typed"},
    {"understood_as", FieldType::kText, "as it was understood"},
    {"did_you_mean", FieldType::kText, "where nothing was found: the query with misspelt values put right",
     Presence::kOptional},
    {"total", FieldType::kNumber, "sessions that match"},
    {"total_is_exact", FieldType::kBoolean, "otherwise there are at least so many"},
    {"ranked_newest", FieldType::kNumber, "by relevance: how many of the newest matches were ranked; 0: all"},
    {"hits", FieldType::kObjects, "sessions of this page", Presence::kAlways, &kHit},
    {"facets", FieldType::kObjects, "in the order asked for", Presence::kAlways, &kFacet},
    {"histograms", FieldType::kObjects, "in the order asked for", Presence::kAlways, &kHistogram},
    {"explanation", FieldType::kObject, "with --explain: what was asked of the search engine", Presence::kOptional,
     &kExplanation},
    {"next_cursor", FieldType::kText, "for --cursor; empty on the last page"},
};

bj::array JsonOf(const std::vector<Facet>& facets) {
  bj::array all;
  for (const Facet& facet : facets)
    all.push_back({{"field", facet.field}, {"values", JsonOfValues(facet.values)}, {"missing", facet.missing}});
  return all;
}

bj::array JsonOf(const std::vector<Histogram>& histograms) {
  bj::array all;
  for (const Histogram& histogram : histograms) {
    bj::array edges;
    for (const MetadataValue& edge : histogram.edges) edges.emplace_back(edge.text);
    all.push_back({{"field", histogram.field},
                   {"edges", std::move(edges)},
                   {"counts", bj::value_from(histogram.counts)},
                   {"missing", histogram.missing}});
  }
  return all;
}

bj::object JsonOf(const Query& query, const SearchExplanation& explanation) {
  bj::array stages;
  for (const auto& stage : explanation.stages)
    stages.push_back(
        {{"name", stage.name}, {"milliseconds", std::chrono::duration<double, std::milli>(stage.time).count()}});
  return {{"tree", catalog::QueryTree(query)},
          {"engine", explanation.engine},
          {"request", explanation.request},
          {"stages", std::move(stages)}};
}

// "parts": by turns what the query did not hit and what it did.
bj::array JsonOf(const std::vector<Highlight>& highlights) {
  constexpr size_t kLongest = 200;
  bj::array all;
  for (const Highlight& highlight : highlights) {
    bj::array parts;
    bool hit = false;
    std::string text;
    for (const catalog::TextPiece& piece : catalog::PiecesOf(highlight, kLongest)) {
      if (piece.hit != hit) {
        parts.emplace_back(std::exchange(text, ""));
        hit = piece.hit;
      }
      text += piece.text;
    }
    parts.emplace_back(text);
    all.push_back({{"field", highlight.field}, {"parts", std::move(parts)}});
  }
  return all;
}

bj::object JsonOfHit(const catalog::SearchAnswer& answer, size_t i) {
  const SessionDocument& document = answer.page.hits[i].document;
  bj::object object{{"session_id", document.session_id},
                    {"revision", document.revision},
                    {"source", document.source},
                    {"state", document.state},
                    {"metadata_state", document.metadata_state},
                    {"started_at", FormatTimestamp(document.started_at)},
                    {"ended_at", FormatTimestamp(document.ended_at)},
                    {"file_count", document.file_count},
                    {"bytes", document.bytes},
                    {"metadata", JsonOfMetadata(document)}};
  if (answer.request.sort.by == SortOrder::By::kRelevance) object["score"] = answer.page.hits[i].score;
  if (i < answer.storage.size()) object["files"] = JsonOfFiles(document, answer.storage[i]);
  object["highlights"] = JsonOf(answer.highlights[i]);
  return object;
}

}  // namespace

constinit const Table kHighlight{"Highlight", kHighlightFields};
constinit const Table kHit{"Hit", kHitFields};
constinit const Table kFacet{"Facet", kFacetFields};
constinit const Table kHistogram{"Histogram", kHistogramFields};
constinit const Table kStage{"Stage", kStageFields};
constinit const Table kExplanation{"Explanation", kExplanationFields};
constinit const Table kSearchPage{"SearchPage", kSearchPageFields};

bj::object JsonOf(const catalog::SearchAnswer& answer) {
  bj::array hits;
  for (size_t i = 0; i < answer.page.hits.size(); ++i) hits.push_back(JsonOfHit(answer, i));
  bj::object object{{"query", answer.query},
                    {"understood_as", answer.understood_as},
                    {"total", answer.page.total},
                    {"total_is_exact", answer.page.total_is_exact},
                    {"ranked_newest", answer.page.ranked_newest},
                    {"hits", std::move(hits)},
                    {"facets", JsonOf(answer.page.facets)},
                    {"histograms", JsonOf(answer.page.histograms)},
                    {"next_cursor", answer.page.next_cursor}};
  if (!answer.did_you_mean.empty()) object["did_you_mean"] = answer.did_you_mean;
  if (answer.page.explanation) object["explanation"] = JsonOf(answer.request.query, *answer.page.explanation);
  return object;
}

}  // namespace seshat::views
