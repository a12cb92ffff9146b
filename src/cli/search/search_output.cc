#include "cli/search/search_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "cli/search/marked_hit.h"
#include "cli/search/search_columns.h"
#include "composition/config/units.h"
#include "core/base/time.h"
#include "core/base/utf8.h"
#include "services/catalog/query_tree.h"

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

TextTable UsualTable(const Console& console, const catalog::SearchAnswer& answer) {
  TextTable table({"SESSION", "STARTED", "FILES", "BYTES", "STATE", "METADATA"});
  for (size_t i = 0; i < answer.page.hits.size(); ++i) {
    const SessionDocument& document = answer.page.hits[i].document;
    const MarkedHit marked(console, answer.highlights[i]);
    table.Add({marked.Value("session_id", document.session_id),
               FormatTimestamp(std::chrono::floor<std::chrono::seconds>(document.started_at)),
               std::to_string(document.file_count), composition::HumanSize(document.bytes),
               marked.Value("state", document.state), Excerpt(document, marked)});
  }
  return table;
}

TextTable TableOf(const Console& console, const catalog::SearchAnswer& answer,
                  const std::vector<std::string>& columns) {
  std::vector<std::string> header;
  for (const std::string& column : columns) header.push_back(EscapeForTerminal(column));
  TextTable table(std::move(header));
  for (size_t i = 0; i < answer.page.hits.size(); ++i) {
    const MarkedHit marked(console, answer.highlights[i]);
    const auto show = [&](const FieldValue& value) { return marked.Value(value.field, value.value.text); };
    std::vector<std::string> row;
    for (const std::string& column : columns) row.push_back(CellOf(answer.page.hits[i].document, column, show));
    table.Add(std::move(row));
  }
  return table;
}

void PrintFiles(Console& console, const SessionDocument& document, const catalog::SessionStorage& storage) {
  const auto line = [&](const std::string& key, uint64_t size) {
    const catalog::ObjectPlace& place = storage.Of(key);
    const std::string_view state = catalog::StorageStateName(place.state);
    console.PrintLine(fmt::format("  {:<9} {:>10}  {}", state.empty() ? "unknown" : state, composition::HumanSize(size),
                                  EscapeForTerminal(place.url)));
  };
  console.PrintLine("\n" + console.Bold(EscapeForTerminal(document.session_id)));
  for (const FileDocument& file : document.files) {
    line(file.key, file.size);
    for (const ResultDocument& result : file.results)
      for (const auto& output : result.outputs) line(output.key, output.size);
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
  std::istringstream tree(catalog::QueryTree(query));
  for (std::string line; std::getline(tree, line);) console.PrintLine("  " + EscapeForTerminal(line));
  console.PrintLine("\n" + console.Bold("asked of " + explanation.engine));
  std::istringstream lines(explanation.request);
  for (std::string line; std::getline(lines, line);) console.PrintLine("  " + EscapeForTerminal(line));
  for (const auto& stage : explanation.stages)
    console.PrintLine(
        fmt::format("  {:<10} {:>9.3f} ms", stage.name, std::chrono::duration<double, std::milli>(stage.time).count()));
}

}  // namespace

void PrintSearchTable(Console& console, const catalog::SearchAnswer& answer, const std::vector<std::string>& columns) {
  const SearchPage& page = answer.page;
  console.Note(fmt::format("understood as: {}", EscapeForTerminal(answer.understood_as)));
  const TextTable table = columns.empty() ? UsualTable(console, answer) : TableOf(console, answer, columns);
  if (table.size() > 0)
    console.Print(table.ToString(columns.empty() ? std::vector<size_t>{2, 3} : std::vector<size_t>{}));
  for (size_t i = 0; i < answer.storage.size(); ++i) PrintFiles(console, page.hits[i].document, answer.storage[i]);
  PrintFacets(console, page);
  PrintHistograms(console, page);
  if (page.explanation) PrintExplanation(console, answer.request.query, *page.explanation);
  console.Note(page.total == 0 ? std::string("no session matches")
                               : fmt::format("{} of {}{} sessions", page.hits.size(),
                                             page.total_is_exact ? "" : "at least ", page.total));
  if (!answer.did_you_mean.empty()) console.Note("did you mean: " + EscapeForTerminal(answer.did_you_mean));
  if (page.ranked_newest > 0)
    console.Note(
        fmt::format("only the newest {} of them were ranked; --sort newest shows all in order", page.ranked_newest));
  if (answer.request.limit > 0 && !page.next_cursor.empty())
    console.Note("for more: --limit N, or --cursor " + page.next_cursor);
}

void PrintSearchCsv(Console& console, const catalog::SearchAnswer& answer, const std::vector<std::string>& named) {
  const SearchPage& page = answer.page;
  const std::vector<std::string>& columns = named.empty() ? DefaultColumns() : named;
  console.Print(CsvLine(columns));
  for (const SearchHit& hit : page.hits) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      cells.push_back(CellOf(hit.document, column));
      // Into a file or a pipe the values go as they are.
      if (console.out_is_terminal()) cells.back() = EscapeForTerminal(cells.back());
    }
    console.Print(CsvLine(cells));
  }
  if (!page.next_cursor.empty()) console.Note("for more: --limit N, or --cursor " + page.next_cursor);
}

}  // namespace seshat::cli
