#include "views/suggestions.h"

#include <boost/json.hpp>

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kSuggestionFields[] = {
    {"kind", FieldType::kText, "field, operator, value, keyword"},
    {"text", FieldType::kText, "to put in"},
    {"label", FieldType::kText, "to show"},
    {"count", FieldType::kNumber, "sessions; 0 for operators and keywords"},
    {"type", FieldType::kText, "of a field"},
    {"query", FieldType::kText, "the query with it"},
};
constexpr Field kSuggestionListFields[] = {
    {"begin", FieldType::kNumber, "the byte of the query at which the word starts that a suggestion replaces"},
    {"end", FieldType::kNumber, "the byte behind it"},
    {"suggestions", FieldType::kObjects, "best first", Presence::kAlways, &kSuggestion},
};

}  // namespace

constinit const Table kSuggestion{"Suggestion", kSuggestionFields};
constinit const Table kSuggestionList{"SuggestionList", kSuggestionListFields};

std::string_view SuggestionKindName(Suggestion::Kind kind) {
  switch (kind) {
    case Suggestion::Kind::kField:
      return "field";
    case Suggestion::Kind::kOperator:
      return "operator";
    case Suggestion::Kind::kValue:
      return "value";
    case Suggestion::Kind::kKeyword:
      return "keyword";
  }
  return "";
}

bj::object JsonOf(const catalog::QuerySuggestions& found, std::string_view text) {
  bj::array suggestions;
  for (const Suggestion& suggestion : found.suggestions)
    suggestions.push_back({{"kind", SuggestionKindName(suggestion.kind)},
                           {"text", suggestion.text},
                           {"label", suggestion.label},
                           {"count", suggestion.count},
                           {"type", suggestion.type},
                           {"query", catalog::WithSuggestion(text, found.point, suggestion)}});
  return {{"begin", found.point.begin}, {"end", found.point.end}, {"suggestions", std::move(suggestions)}};
}

}  // namespace seshat::views
