#include "services/retrieval/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "services/indexing/indexing_lab.h"

namespace seshat::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IndexingLab;
using ::testing::IsEmpty;

SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

struct Found {
  std::vector<std::string> files;
  std::vector<std::string> failed;
};

Found All(const Selection& selection) {
  Found found;
  uint64_t bytes = 0;
  EXPECT_TRUE(selection.ForEachPart(
      [&](const Selection::Part& part) {
        for (const WantedFile& file : part.files) {
          found.files.push_back(file.path);
          bytes += file.size;
        }
        for (const FailedFile& file : part.failed) found.failed.push_back(file.path + ": " + file.error.ToString());
      },
      {}));
  EXPECT_EQ(found.files.size(), selection.files());
  EXPECT_EQ(bytes, selection.bytes());
  return found;
}

TEST(Selection, ChoosesRawProcessedOrAll) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .metadata = "a: 1\n"});
  lab.PutReceipt("s", "a.bin", "p");
  lab.PutFailure("s", "a.bin", "q", 1);
  const auto chosen = [&](What what) { return All(SelectNewest(*lab.store, Id("s"), what, {}).value()).files; };
  EXPECT_THAT(chosen(What::kRaw), ElementsAre("s/raw/a.bin", "s/raw/metadata.txt"));
  EXPECT_THAT(chosen(What::kProcessed), ElementsAre("s/processed/p-1/a.bin/out.csv"));
  EXPECT_THAT(chosen(What::kAll), ElementsAre("s/raw/a.bin", "s/raw/metadata.txt", "s/processed/p-1/a.bin/out.csv"));
  const auto nobody = SelectNewest(*lab.store, Id("nobody"), What::kAll, {});
  EXPECT_EQ(nobody.error().ToString(), "not_found: there is no session 'nobody' in the store");
}

TEST(Selection, ASessionThatIsNamedTwiceIsThereOnce) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  lab.PutSession({.id = "t"});
  Selection selection;
  for (const char* id : {"s", "t", "s"}) selection.Append(SelectNewest(*lab.store, Id(id), What::kAll, {}).value());
  EXPECT_THAT(All(selection).files, ElementsAre("s/raw/a.bin", "t/raw/a.bin"));
}

TEST(Selection, TwoFilesNeverGoToOnePath) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  const auto raw = keys::Raw(Id("s"), 1, 0, "a.bin").value();
  const std::string prefix = keys::ResultPrefix(Id("s"), "p", "1", raw);
  const std::string plain = keys::Output(prefix, "x")->value();
  const std::string attempt = keys::AttemptOutput(prefix, "9f86d081884c7d65", "x")->value();
  Receipt receipt{.session_id = "s", .path = "a.bin", .raw_key = raw.value(), .processor = "p", .version = "1"};
  receipt.outputs = {{"x", plain, 1, {}}, {"x", attempt, 1, {}}};
  lab.Put(keys::Receipt(prefix).value(), records::EncodeReceipt(receipt));
  const Found found = All(SelectNewest(*lab.store, Id("s"), What::kProcessed, {}).value());
  EXPECT_THAT(found.files, ElementsAre("s/processed/p-1/a.bin/x"));
  EXPECT_THAT(found.failed, ElementsAre(HasSubstr(attempt + " is left out")));
  const Manifest twice{.session_id = "t", .files = {{.path = "a", .key = "t/raw/a"}, {.path = "a", .key = "t/raw/b"}}};
  lab.Put("t/manifests/000001.json", records::EncodeManifest(twice));
  const auto selection = SelectNewest(*lab.store, Id("t"), What::kRaw, {}).value();
  std::vector<std::string> failed;
  ASSERT_TRUE(selection.ForEachPart(
      [&](const Selection::Part& part) {
        EXPECT_EQ(part.files.size(), 1u);
        for (const FailedFile& file : part.failed) failed.push_back(file.error.message);
      },
      {}));
  EXPECT_THAT(failed, ElementsAre(HasSubstr("t/raw/b is left out")));
}

TEST(Selection, ADamagedReceiptIsAFileThatCannotBeHad) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  const std::string key = "s/processed/p-1/raw/a.bin/receipt.json";
  lab.Put(key, "{}");
  const Found found = All(SelectNewest(*lab.store, Id("s"), What::kAll, {}).value());
  EXPECT_THAT(found.files, ElementsAre("s/raw/a.bin"));
  EXPECT_THAT(found.failed, ElementsAre(HasSubstr(key + ": data_loss")));
  EXPECT_THAT(All(SelectNewest(*lab.store, Id("s"), What::kRaw, {}).value()).failed, IsEmpty());
}

}  // namespace
}  // namespace seshat::retrieval
