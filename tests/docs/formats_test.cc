// The examples of docs/formats, decoded by the codecs that they document.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <vector>

#include "core/metadata/metadata_text.h"
#include "core/metadata/units.h"
#include "core/query/session_document.h"
#include "core/records/dataset.h"
#include "core/records/event.h"
#include "core/records/json_fields.h"
#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "core/records/manifest_pages.h"
#include "support/paged_manifest.h"
#include "support/temp_dir.h"

namespace seshat {
namespace {

struct Example {
  std::string file;
  std::string kind;  // what follows ```
  std::string text;
};

std::vector<Example> ExamplesOf(const std::filesystem::path& path) {
  std::vector<Example> examples;
  std::istringstream in(testing::ReadFile(path));
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      if (!inside) examples.push_back({path.filename(), line.substr(3), ""});
      inside = !inside;
    } else if (inside) {
      examples.back().text += line + "\n";
    }
  }
  EXPECT_FALSE(inside) << path << " has an open fence";
  return examples;
}

const std::vector<Example>& Examples() {
  static const std::vector<Example> kExamples = [] {
    std::vector<Example> all;
    for (const auto& entry : std::filesystem::directory_iterator(SESHAT_SOURCE_DIR "/docs/formats"))
      if (entry.path().extension() == ".md") std::ranges::move(ExamplesOf(entry.path()), std::back_inserter(all));
    return all;
  }();
  return kExamples;
}

std::vector<Example> ExamplesOfKind(std::string_view kind) {
  std::vector<Example> found;
  std::ranges::copy_if(Examples(), std::back_inserter(found), [&](const Example& e) { return e.kind == kind; });
  return found;
}

// The example says everything that the codec writes, and nothing that it does not know.
template <typename Record>
void CheckRecord(std::string_view kind, std::string (*encode)(const Record&),
                 Result<Record> (*decode)(std::string_view)) {
  const auto examples = ExamplesOfKind("json " + std::string(kind));
  ASSERT_FALSE(examples.empty()) << "no example of " << kind;
  for (const auto& example : examples) {
    const auto record = decode(example.text);
    ASSERT_TRUE(record) << example.file << ": " << record.error().ToString();
    const auto shown = json::Parse(example.text, "example");
    const auto written = json::Parse(encode(*record), "record");
    ASSERT_TRUE(shown && written);
    EXPECT_EQ(*shown, *written) << example.file;
    // Canonical field order as well: without blanks the texts are the same.
    EXPECT_EQ(boost::json::serialize(*shown), boost::json::serialize(*written)) << example.file;
  }
}

TEST(Formats, RecordsDecode) {
  CheckRecord<Owner>("owner", records::EncodeOwner, records::DecodeOwner);
  CheckRecord<Manifest>("manifest", records::EncodeManifest, records::DecodeManifest);
  CheckRecord<Receipt>("receipt", records::EncodeReceipt, records::DecodeReceipt);
  CheckRecord<ProcessingFailure>("failure", records::EncodeProcessingFailure, records::DecodeProcessingFailure);
  CheckRecord<Dataset>("dataset", records::EncodeDataset, records::DecodeDataset);
  CheckRecord<Event>("event", records::EncodeEvent, records::DecodeEvent);
  CheckRecord<SessionDocument>("document", query::EncodeSessionDocument, query::DecodeSessionDocument);
}

TEST(Formats, AManifestInPagesIsWrittenAsShown) {
  const auto heads = ExamplesOfKind("json manifest head");
  const auto pages = ExamplesOfKind("json manifest page");
  ASSERT_EQ(heads.size(), 1U);
  ASSERT_EQ(pages.size(), 1U);
  const auto head = records::DecodeManifestHead(heads[0].text);
  ASSERT_TRUE(head) << head.error().message;
  // The digest is that of the text as it is stored: without blanks.
  const auto shown = json::Parse(pages[0].text, "example");
  ASSERT_TRUE(shown);
  const std::string stored = boost::json::serialize(*shown) + "\n";
  const auto page = records::DecodeManifestPage(*head, 0, stored);
  ASSERT_TRUE(page) << page.error().message;
  Manifest whole = head->manifest;
  whole.files = page->files;
  whole.skipped = page->skipped;
  whole.removed = page->removed;
  const auto written = testing::InPages(whole, {});
  ASSERT_EQ(written.pages.size(), 1U);
  EXPECT_EQ(written.pages[0].text, stored);
  EXPECT_EQ(written.head, boost::json::serialize(*json::Parse(heads[0].text, "example")) + "\n");
}

template <typename Data>
void CheckData(std::map<std::string, std::string>& data_of_type) {
  const auto it = data_of_type.find(std::string(Data::kType));
  ASSERT_NE(it, data_of_type.end()) << "no example of " << Data::kType;
  const auto data = Data::FromData(it->second);
  ASSERT_TRUE(data) << data.error().ToString();
  EXPECT_EQ(data->ToData(), it->second);
  data_of_type.erase(it);
}

TEST(Formats, EveryTypeOfEventIsShown) {
  std::map<std::string, std::string> data_of_type;
  for (const auto& example : ExamplesOfKind("json event")) {
    const auto event = records::DecodeEvent(example.text);
    ASSERT_TRUE(event);
    data_of_type[event->type] = event->data;
  }
  CheckData<SessionMigrated>(data_of_type);
  CheckData<FileProcessingRequested>(data_of_type);
  CheckData<FileProcessed>(data_of_type);
  CheckData<SessionIndexed>(data_of_type);
  CheckData<SourceHeartbeat>(data_of_type);
  EXPECT_TRUE(data_of_type.empty()) << data_of_type.begin()->first << " is shown but not known";
}

TEST(Formats, MetadataGivesTheEntriesShown) {
  int shown = 0;
  for (size_t i = 0; i + 1 < Examples().size(); ++i) {
    const auto& example = Examples()[i];
    if (!example.kind.ends_with(" metadata")) continue;
    ++shown;
    ASSERT_EQ(Examples()[i + 1].kind, "text entries");
    MetadataTextParser parser;
    parser.Feed(AsBytes(example.text));
    const auto metadata = parser.Finish();
    EXPECT_TRUE(metadata.problems.empty()) << metadata.problems.front();
    std::string entries;
    for (const auto& entry : metadata.entries) entries += entry.key + " | " + entry.value.text + "\n";
    EXPECT_EQ(entries, Examples()[i + 1].text);
  }
  EXPECT_EQ(shown, 2);
}

bool IsInFamily(std::string_view family, const MetadataValue& value) {
  return std::ranges::any_of(metadata::ReadingsOf(value), [&](const NumberReading& r) { return r.family == family; });
}

bool IsOfType(std::string_view type, const MetadataValue& value) {
  if (type == "number") return value.number.has_value();
  if (type == "integer") return value.integer.has_value();
  if (type == "number with unit") return !value.unit.empty();
  if (type == "duration") return IsInFamily("time", value);
  if (type == "size") return IsInFamily("size", value);
  if (type == "date") return value.date.has_value();
  return value.boolean.has_value();
}

// Every `form` in the table of types is of the type of its row; every one in the column "not" is not.
TEST(Formats, ValuesHaveTheTypesShown) {
  std::istringstream in(testing::ReadFile(SESHAT_SOURCE_DIR "/docs/formats/values.md"));
  int checked = 0;
  std::string type;
  for (std::string line; std::getline(in, line) && !line.starts_with("## ");) {
    if (!line.starts_with("| ") || line.starts_with("| type")) continue;
    const size_t forms = line.find(" | ", 1);
    const size_t nots = line.rfind(" | ", line.size() - 3);
    // An empty first cell goes on with the type of the row above.
    if (forms > 2) type = line.substr(2, forms - 2);
    for (size_t at = line.find('`', forms); at != std::string::npos;) {
      const size_t end = line.find('`', at + 1);
      const std::string text = line.substr(at + 1, end - at - 1);
      at = line.find('`', end + 1);
      // Pieces of notation, not values.
      constexpr std::string_view kNotation[] = {"T", "Z", "+02:00", "%", "²", "³", "·"};
      if (std::ranges::find(kNotation, text) != std::end(kNotation) || text.find_first_of("/*") == 0) continue;
      ++checked;
      EXPECT_EQ(IsOfType(type, metadata::TypeValue(text)), end < nots) << type << ": " << text;
    }
  }
  EXPECT_GE(checked, 45);
}

TEST(Formats, KeysAreKeys) {
  const auto examples = ExamplesOfKind("text keys");
  ASSERT_EQ(examples.size(), 1u);
  std::istringstream in(examples[0].text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    EXPECT_TRUE(BlobKey::Parse(line)) << line;
    lines.push_back(line);
  }
  const auto id = SessionId::Parse("20260421-bench").value();
  const auto raw = keys::Raw(id, 1, 0, "sensor-a.bin").value();
  for (const auto& made :
       {keys::Owner(id).value(), keys::Raw(id, 1, 0, "metadata.txt")->value(), raw.value(),
        keys::Raw(id, 1, 0, "run 1/50% load.bin")->value(), keys::Raw(id, 2, 0, "sensor-a.bin")->value(),
        keys::Raw(id, 2, 1, "sensor-b.bin")->value(), keys::Manifest(id, 1)->value(), keys::Manifest(id, 2)->value(),
        keys::DatasetRecord("fatigue-2026")->value(),
        keys::Receipt(keys::ResultPrefix(id, "statistics", "1", raw)).value()})
    EXPECT_THAT(lines, ::testing::Contains(made));
  const auto long_raw = keys::Raw(id, 1, 0, [] {
    std::string path;
    for (int i = 0; i < 160; ++i) path += "long/";
    return path + "name.bin";
  }());
  EXPECT_THAT(lines, ::testing::Contains(keys::Receipt(keys::ResultPrefix(id, "statistics", "1", *long_raw)).value()));
  const std::string prefix = keys::ResultPrefix(id, "statistics", "1", raw);
  EXPECT_THAT(lines, ::testing::Contains(keys::Output(prefix, "receipt.json")->value()));
}

}  // namespace
}  // namespace seshat
