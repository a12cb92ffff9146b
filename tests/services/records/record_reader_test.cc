#include "services/records/record_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "services/indexing/indexing_lab.h"
#include "services/records/manifest_reader.h"

namespace seshat::stored {
namespace {

using ::testing::ElementsAre;
using testing::FaultPlan;
using testing::FaultyBlobStore;
using ::testing::HasSubstr;
using testing::IndexingLab;

SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

std::vector<std::string> KeysOf(const SessionRecords& records) {
  std::vector<std::string> keys;
  for (const auto& record : records.counting) keys.push_back(record->name.key);
  return keys;
}

SessionRecords ReadNewestOf(IndexingLab& lab, const char* id) {
  RecordReader reader(*lab.store);
  return reader.ReadFor(ReadNewest(*lab.store, Id(id), {}).value(), {}).value();
}

TEST(RecordReader, OnlyRecordsAboutFilesOfTheRevisionCount) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .files = {"a"}});
  lab.PutReceipt("s", "a", "p");
  lab.PutFailure("s", "a", "q", 1);
  lab.PutSession({.id = "s", .files = {"a"}, .revision = 2});
  lab.PutReceipt("s", "a", "p", 2);
  const SessionRecords newest = ReadNewestOf(lab, "s");
  EXPECT_EQ(newest.stored, 3u);
  EXPECT_THAT(KeysOf(newest), ElementsAre("s/processed/p-1/raw.r2/a/receipt.json"));
  EXPECT_EQ(newest.counting[0]->raw_key, "s/raw.r2/a");
  RecordReader reader(*lab.store);
  EXPECT_EQ(reader.ReadFor(ReadRevision(*lab.store, Id("s"), 1, {}).value(), {})->counting.size(), 2u);
  EXPECT_EQ(reader.ReadAll(Id("s"), {})->counting.size(), 3u);
}

TEST(RecordReader, FaultARecordsOfALongPathAreRead) {
  IndexingLab lab;
  const std::string path(817, 'x');
  lab.PutSession({.id = "s", .files = {path}});
  lab.PutReceipt("s", path, "p");
  const SessionRecords records = ReadNewestOf(lab, "s");
  ASSERT_EQ(records.counting.size(), 1u);
  ASSERT_NE(records.counting[0]->receipt(), nullptr);
  EXPECT_EQ(records.counting[0]->receipt()->path, path);
  RecordReader reader(*lab.store);
  EXPECT_EQ(reader.ReadAll(Id("s"), {})->counting.at(0)->raw_key, records.counting[0]->raw_key);
}

// The place of a record is taken by one that says something else.
TEST(RecordReader, ARecordThatSaysSomethingElseThanItsKeyIsDamaged) {
  const std::string long_path(817, 'x');
  IndexingLab lab;
  lab.PutSession({.id = "s", .files = {"a", "b", long_path}});
  lab.PutReceipt("s", "a", "p");
  const std::string good =
      GetBytes(*lab.store, BlobKey::Parse("s/processed/p-1/raw/a/receipt.json").value(), 1 << 20).value();
  Receipt receipt = records::DecodeReceipt(good).value();
  int version = 2;
  // Lies in the place of (raw/a, p, version), and says what `spoil` made of it.
  const auto damage = [&](auto spoil, const char* path = "a") {
    const auto raw = keys::Raw(Id("s"), 1, 0, path).value();
    Receipt bad = receipt;
    bad.path = path;
    bad.raw_key = raw.value();
    bad.version = std::to_string(version++);
    const std::string prefix = keys::ResultPrefix(Id("s"), "p", bad.version, raw);
    bad.outputs = {{"out.csv", prefix + "out.csv", 1, {}}};
    spoil(bad);
    const std::string key = keys::Receipt(prefix).value();
    lab.Put(key, records::EncodeReceipt(bad));
    for (const auto& record : ReadNewestOf(lab, "s").counting)
      if (record->name.key == key && record->damage() != nullptr) {
        EXPECT_EQ(record->damage()->code, ErrorCode::kDataLoss);
        EXPECT_THAT(record->damage()->message, HasSubstr(key));
        EXPECT_EQ(record->raw_key, raw.value());
        return true;
      }
    return false;
  };
  EXPECT_FALSE(damage([](Receipt&) {}));
  EXPECT_FALSE(damage([](Receipt&) {}, long_path.c_str()));
  EXPECT_TRUE(damage([](Receipt& r) { r.session_id = "t"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.path = "b"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.raw_key = "s/raw/b"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.raw_key = "s/raw.r2/a"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.raw_key = "../a"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.processor = "q"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.version = "1"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.outputs[0].key = "s/raw/a"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.outputs[0].name = "other.csv"; }));
  EXPECT_TRUE(damage([](Receipt& r) { r.path[0] = 'y'; }, long_path.c_str()));
}

TEST(RecordReader, ReadsEachRecordOnce) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .files = {"a", "b", "c"}});
  const StoredManifest manifest = ReadNewest(*lab.store, Id("s"), {}).value();
  lab.PutReceipt("s", "a", "p");
  lab.PutReceipt("s", "b", "p");
  FaultPlan calls;
  FaultyBlobStore counted(*lab.store, calls);
  RecordReader reader(counted, {.remembered = 2});
  ASSERT_EQ(reader.ReadFor(manifest, {})->counting.size(), 2u);
  EXPECT_EQ(calls.calls(), 3u);  // a list, two gets
  ASSERT_EQ(reader.ReadFor(manifest, {})->counting.size(), 2u);
  EXPECT_EQ(calls.calls(), 4u);  // a list
  lab.PutReceipt("s", "c", "p");
  ASSERT_EQ(reader.ReadFor(manifest, {})->counting.size(), 3u);
  EXPECT_EQ(calls.calls(), 6u);  // a list, one get; one of the others is forgotten
  ASSERT_EQ(reader.ReadFor(manifest, {})->counting.size(), 3u);
  EXPECT_GT(calls.calls(), 7u);
}

TEST(RecordReader, ReadsNoFailureThatDoesNotCount) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .files = {"a"}});
  for (const uint32_t number : {1u, 10u, 2u}) lab.PutFailure("s", "a", "p", number);
  FaultPlan calls;
  FaultyBlobStore counted(*lab.store, calls);
  RecordReader reader(counted);
  const auto records = reader.ReadAll(Id("s"), {});
  EXPECT_EQ(calls.calls(), 2u);  // a list, one get
  EXPECT_EQ(records->stored, 3u);
  EXPECT_EQ(records->counting.at(0)->failure()->reason, "exit status 10");
}

}  // namespace
}  // namespace seshat::stored
