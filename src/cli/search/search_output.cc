#include "cli/search/search_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "cli/search/marked_hit.h"
#include "cli/search/query_tree.h"
#include "cli/search/search_columns.h"
#include "cli/search/session_files.h"
#include "composition/config/units.h"
#include "core/base/time.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

// One line: what the query hit, then the first entries of the metadata that there is room for.
std::string Excerpt(const SessionDocument& document, const MarkedHit& marked) {
  constexpr size_t kWidest = 70;
  constexpr size_t kWidestHit = 40;
  std::string out;
  size_t width = 0;
  const auto add = [&](size_t bytes, const std::string& piece) {
    if (width > 0 && width + bytes > kWidest) return false;
    out += (width == 0 ? "" : " ") + piece;
    width += bytes + 1;
    return true;
  };
  std::set<std::string> shown;
  for (const Highlight& hit : marked.highlights()) {
    const bool has_column = hit.kind == FieldKind::kFixed && hit.field != "path";
    if (has_column || hit.kind == FieldKind::kKeyName) continue;
    if (add(hit.field.size() + std::min(hit.value.size(), kWidestHit) + 1,
            marked.Key(hit.field) + "=" + marked.Part(hit, kWidestHit)))
      shown.insert(hit.field);
  }
  for (const MetadataEntry& entry : document.metadata) {
    if (shown.contains(entry.key)) continue;
    if (!add(entry.key.size() + entry.value.text.size() + 1,
             marked.Key(entry.key) + "=" + EscapeForTerminal(entry.value.text)))
      break;
  }
  return out;
}

MarkedHit MarkedAt(const Console& console, const SearchView& view, size_t i) {
  static const std::vector<Highlight> nothing;
  return {console, i < view.highlights.size() ? view.highlights[i] : nothing};
}

TextTable UsualTable(const Console& console, const SearchPage& page, const SearchView& view) {
  TextTable table({"SESSION", "STARTED", "FILES", "BYTES", "STATE", "METADATA"});
  for (size_t i = 0; i < page.hits.size(); ++i) {
    const SessionDocument& document = page.hits[i].document;
    const MarkedHit marked = MarkedAt(console, view, i);
    table.Add({marked.Value("session_id", document.session_id),
               FormatTimestamp(std::chrono::floor<std::chrono::seconds>(document.started_at)),
               std::to_string(document.file_count), composition::HumanSize(document.bytes),
               marked.Value("state", document.state), Excerpt(document, marked)});
  }
  return table;
}

TextTable TableOf(const Console& console, const SearchPage& page, const SearchView& view) {
  std::vector<std::string> header;
  for (const std::string& column : view.columns) header.push_back(EscapeForTerminal(column));
  TextTable table(std::move(header));
  for (size_t i = 0; i < page.hits.size(); ++i) {
    const MarkedHit marked = MarkedAt(console, view, i);
    const auto show = [&](const FieldValue& value) { return marked.Value(value.field, value.value.text); };
    std::vector<std::string> row;
    for (const std::string& column : view.columns) row.push_back(CellOf(page.hits[i].document, column, show));
    table.Add(std::move(row));
  }
  return table;
}

void PrintFiles(Console& console, const SearchPage& page, StorageStates& states) {
  const auto line = [&](const SessionDocument& document, const std::string& key, uint64_t size) {
    const std::string state = states.State(document.session_id, key);
    console.PrintLine(fmt::format("  {:<9} {:>10}  {}", state.empty() ? "unknown" : state, composition::HumanSize(size),
                                  EscapeForTerminal(states.Url(key))));
  };
  for (const SearchHit& hit : page.hits) {
    const SessionDocument& document = hit.document;
    console.PrintLine("\n" + console.Bold(EscapeForTerminal(document.session_id)));
    for (const FileDocument& file : document.files) {
      line(document, file.key, file.size);
      for (const ResultDocument& result : file.results)
        for (const auto& output : result.outputs) line(document, output.key, output.size);
    }
  }
}

void PrintFacets(Console& console, const SearchPage& page) {
  for (const Facet& facet : page.facets) {
    console.PrintLine("\n" + console.Bold(EscapeForTerminal(facet.field)));
    for (const FacetValue& value : facet.values)
      console.PrintLine(fmt::format("  {:>9}  {}", value.count, EscapeForTerminal(value.value)));
    if (facet.missing > 0) console.PrintLine(fmt::format("  {:>9}  (without it)", facet.missing));
  }
}

void PrintHistograms(Console& console, const SearchPage& page) {
  constexpr uint64_t kWidest = 40;
  for (const Histogram& histogram : page.histograms) {
    console.PrintLine("\n" + console.Bold(EscapeForTerminal(histogram.field)));
    uint64_t most = 1;
    for (const uint64_t count : histogram.counts) most = std::max(most, count);
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      const uint64_t count = histogram.counts[i];
      std::string bar;
      for (uint64_t n = (count * kWidest + most - 1) / most; n > 0; --n) bar += "█";
      console.PrintLine(fmt::format("  {:>9}  {:<20} {}", count, EscapeForTerminal(histogram.edges[i].text), bar));
    }
    if (!histogram.edges.empty())
      console.PrintLine(fmt::format("  {:>9}  {}", "", EscapeForTerminal(histogram.edges.back().text)));
    if (histogram.missing > 0) console.PrintLine(fmt::format("  {:>9}  (without it)", histogram.missing));
  }
}

void PrintExplanation(Console& console, const Query& query, const SearchExplanation& explanation) {
  console.PrintLine("\n" + console.Bold("understood"));
  std::istringstream tree(QueryTree(query));
  for (std::string line; std::getline(tree, line);) console.PrintLine("  " + EscapeForTerminal(line));
  console.PrintLine("\n" + console.Bold("asked of " + explanation.engine));
  std::istringstream lines(explanation.request);
  for (std::string line; std::getline(lines, line);) console.PrintLine("  " + EscapeForTerminal(line));
  for (const auto& stage : explanation.stages)
    console.PrintLine(
        fmt::format("  {:<10} {:>9.3f} ms", stage.name, std::chrono::duration<double, std::milli>(stage.time).count()));
}

boost::json::array JsonOf(const std::vector<Facet>& facets) {
  boost::json::array all;
  for (const Facet& facet : facets) {
    boost::json::array values;
    for (const FacetValue& value : facet.values) values.push_back({{"value", value.value}, {"count", value.count}});
    all.push_back({{"field", facet.field}, {"values", std::move(values)}, {"missing", facet.missing}});
  }
  return all;
}

boost::json::array JsonOf(const std::vector<Histogram>& histograms) {
  boost::json::array all;
  for (const Histogram& histogram : histograms) {
    boost::json::array edges;
    for (const MetadataValue& edge : histogram.edges) edges.emplace_back(edge.text);
    all.push_back({{"field", histogram.field},
                   {"edges", std::move(edges)},
                   {"counts", boost::json::value_from(histogram.counts)},
                   {"missing", histogram.missing}});
  }
  return all;
}

boost::json::object JsonOf(const Query& query, const SearchExplanation& explanation) {
  boost::json::array stages;
  for (const auto& stage : explanation.stages)
    stages.push_back(
        {{"name", stage.name}, {"milliseconds", std::chrono::duration<double, std::milli>(stage.time).count()}});
  return {{"tree", QueryTree(query)},
          {"engine", explanation.engine},
          {"request", explanation.request},
          {"stages", std::move(stages)}};
}

// "parts": by turns what the query did not hit and what it did.
boost::json::array JsonOf(const std::vector<Highlight>& highlights) {
  constexpr size_t kLongest = 200;
  boost::json::array all;
  for (const Highlight& highlight : highlights) {
    boost::json::array parts;
    bool hit = false;
    std::string text;
    for (const TextPiece& piece : PiecesOf(highlight, kLongest)) {
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

boost::json::object JsonOf(const SearchHit& hit, const SearchRequest& request, const SearchView& view) {
  const SessionDocument& document = hit.document;
  boost::json::object object{{"session_id", document.session_id},
                             {"revision", document.revision},
                             {"source", document.source},
                             {"state", document.state},
                             {"metadata_state", document.metadata_state},
                             {"started_at", FormatTimestamp(document.started_at)},
                             {"ended_at", FormatTimestamp(document.ended_at)},
                             {"file_count", document.file_count},
                             {"bytes", document.bytes},
                             {"metadata", JsonOfMetadata(document)}};
  if (request.sort.by == SortOrder::By::kRelevance) object["score"] = hit.score;
  if (view.states != nullptr) object["files"] = JsonOfFiles(document, *view.states);
  return object;
}

}  // namespace

void PrintSearchTable(Console& console, const SearchRequest& request, const SearchPage& page, const SearchView& view) {
  console.Note(fmt::format("understood as: {}", EscapeForTerminal(view.understood_as)));
  const TextTable table = view.columns.empty() ? UsualTable(console, page, view) : TableOf(console, page, view);
  if (table.size() > 0)
    console.Print(table.ToString(view.columns.empty() ? std::vector<size_t>{2, 3} : std::vector<size_t>{}));
  if (view.states != nullptr) PrintFiles(console, page, *view.states);
  PrintFacets(console, page);
  PrintHistograms(console, page);
  if (page.explanation) PrintExplanation(console, request.query, *page.explanation);
  console.Note(page.total == 0 ? std::string("no session matches")
                               : fmt::format("{} of {}{} sessions", page.hits.size(),
                                             page.total_is_exact ? "" : "at least ", page.total));
  if (!view.did_you_mean.empty()) console.Note("did you mean: " + EscapeForTerminal(view.did_you_mean));
  if (page.ranked_newest > 0)
    console.Note(
        fmt::format("only the newest {} of them were ranked; --sort newest shows all in order", page.ranked_newest));
  if (request.limit > 0 && !page.next_cursor.empty())
    console.Note("for more: --limit N, or --cursor " + page.next_cursor);
}

void PrintSearchCsv(Console& console, const SearchPage& page, const SearchView& view) {
  const std::vector<std::string>& columns = view.columns.empty() ? DefaultColumns() : view.columns;
  console.Print(CsvLine(columns));
  for (const SearchHit& hit : page.hits) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(CellOf(hit.document, column));
    console.Print(CsvLine(cells));
  }
  if (!page.next_cursor.empty()) console.Note("for more: --limit N, or --cursor " + page.next_cursor);
}

boost::json::object JsonOf(const SearchRequest& request, const SearchPage& page, const SearchView& view) {
  boost::json::array hits;
  for (size_t i = 0; i < page.hits.size(); ++i) {
    boost::json::object hit = JsonOf(page.hits[i], request, view);
    hit["highlights"] = JsonOf(i < view.highlights.size() ? view.highlights[i] : std::vector<Highlight>());
    hits.push_back(std::move(hit));
  }
  boost::json::object object{{"query", view.query},
                             {"understood_as", view.understood_as},
                             {"total", page.total},
                             {"total_is_exact", page.total_is_exact},
                             {"ranked_newest", page.ranked_newest},
                             {"hits", std::move(hits)},
                             {"facets", JsonOf(page.facets)},
                             {"histograms", JsonOf(page.histograms)},
                             {"next_cursor", page.next_cursor}};
  if (!view.did_you_mean.empty()) object["did_you_mean"] = view.did_you_mean;
  if (page.explanation) object["explanation"] = JsonOf(request.query, *page.explanation);
  return object;
}

}  // namespace seshat::cli
