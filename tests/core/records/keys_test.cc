// Keys, ids and storage classes: what is accepted, and that nothing is lost on the way to a key and back.
#include "core/records/keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/records/blob_key.h"
#include "core/records/session_id.h"
#include "core/records/storage_class.h"
#include "support/generators.h"

namespace seshat::records {
namespace {

TEST(BlobKeyTest, AcceptsWhatS3AndAListingCanHold) {
  for (const std::string text :
       {"a", "a/b/c.bin", "...", "..a", ".hidden", "caf\xC3\xA9", "a b", "%2F", "\xF4\x8F\xBF\xBF"}) {
    const auto key = BlobKey::Parse(text);
    ASSERT_TRUE(key) << text;
    EXPECT_EQ(key->value(), text);
  }
  EXPECT_TRUE(BlobKey::Parse(std::string(1024, 'x')));
}

TEST(BlobKeyTest, RefusesWithAReason) {
  using namespace std::string_literals;
  const std::pair<std::string, const char*> cases[] = {{"", "empty"},
                                                       {"/a", "empty segment"},
                                                       {"a/", "empty segment"},
                                                       {"a//b", "empty segment"},
                                                       {".", "'.'"},
                                                       {"a/../b", "'..'"},
                                                       {"a/.", "'.'"},
                                                       {"a\nb", "control"},
                                                       {"a\0b"s, "control"},
                                                       {"\x7F", "control"},
                                                       {"\xFF", "UTF-8"},
                                                       {"\xC0\xAF", "UTF-8"},
                                                       {"\xED\xA0\x80", "UTF-8"},
                                                       {"\xEF\xBF\xBE", "control"},
                                                       {std::string(1025, 'x'), "1024"}};
  for (const auto& [text, reason] : cases) {
    const auto key = BlobKey::Parse(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(key.error().message.find(reason), std::string::npos) << key.error().message;
  }
}

TEST(EncodePathTest, EscapesOnlyWhatAKeyCannotHold) {
  using namespace std::string_literals;
  EXPECT_EQ(EncodePath("a/b c.bin"), "a/b c.bin");
  EXPECT_EQ(EncodePath("100%"), "100%25");
  EXPECT_EQ(EncodePath("a\nb\x7F"), "a%0Ab%7F");
  EXPECT_EQ(EncodePath("\0"s), "%00");
  EXPECT_EQ(EncodePath("\xFF\xFE"), "%FF%FE");
  EXPECT_EQ(EncodePath("\xEF\xBF\xBE"), "%EF%BF%BE");
  EXPECT_EQ(EncodePath("caf\xC3\xA9"), "caf\xC3\xA9");
}

TEST(DecodePathTest, RefusesAnUnfinishedEscape) {
  for (const char* text : {"%", "%4", "a%zz", "%%41", "a%2"}) EXPECT_FALSE(DecodePath(text)) << text;
  EXPECT_EQ(DecodePath("%41%e9").value(), "A\xE9");
}

RC_GTEST_PROP(EncodePathProperty, ComesBackForAnyBytes, ()) {
  const auto path = *testing::AnyBytes();
  RC_ASSERT(DecodePath(EncodePath(path)).value() == path);
}

RC_GTEST_PROP(EncodePathProperty, IsInjectiveAndFitForAKey, ()) {
  const auto one = *testing::AnyBytes();
  const auto two = *testing::AnyBytes();
  RC_ASSERT((EncodePath(one) == EncodePath(two)) == (one == two));
  std::string segment = EncodePath(one);
  std::erase(segment, '/');
  if (!segment.empty() && segment != "." && segment != "..") RC_ASSERT(BlobKey::Parse(segment).has_value());
}

TEST(KeysTest, LieWhereTheLayoutSays) {
  const SessionId id = SessionId::Parse("rig-7").value();
  EXPECT_EQ(keys::Owner(id).value(), "rig-7/owner.json");
  EXPECT_EQ(keys::Raw(id, 1, 0, "a/b.bin").value().value(), "rig-7/raw/a/b.bin");
  EXPECT_EQ(keys::Raw(id, 2, 0, "b%").value().value(), "rig-7/raw.r2/b%25");
  EXPECT_EQ(keys::Raw(id, 1, 3, "b").value().value(), "rig-7/raw.r1.w3/b");
  EXPECT_EQ(keys::Raw(id, 12, 1, "b").value().value(), "rig-7/raw.r12.w1/b");
  EXPECT_EQ(keys::Manifest(id, 1).value().value(), "rig-7/manifests/000001.json");
  EXPECT_EQ(keys::Manifest(id, 999'999).value().value(), "rig-7/manifests/999999.json");
  EXPECT_FALSE(keys::Manifest(id, 0));
  EXPECT_FALSE(keys::Manifest(id, 1'000'000));
}

TEST(KeysTest, RawRefusesWhatIsNotRelativeAndClean) {
  const SessionId id = SessionId::Parse("s").value();
  for (const char* path : {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "./a"})
    EXPECT_FALSE(keys::Raw(id, 1, 0, path)) << path;
  EXPECT_FALSE(keys::Raw(id, 1, 0, std::string(1020, 'x')));
}

RC_GTEST_PROP(KeysProperty, AManifestKeyNamesItsRevision, ()) {
  const SessionId id = SessionId::Parse("s").value();
  const auto revision = *rc::gen::inRange<uint32_t>(1, 1'000'000);
  RC_ASSERT(keys::RevisionOfManifest(id, keys::Manifest(id, revision).value().value()) == revision);
}

TEST(KeysTest, OtherKeysAreNoManifests) {
  const SessionId id = SessionId::Parse("s").value();
  for (const char* key :
       {"s/manifests/000000.json", "s/manifests/1.json", "s/manifests/0000001.json", "s/manifests/00000a.json",
        "s/manifests/000001.JSON", "t/manifests/000001.json", "s/manifests/+00001.json", "s/owner.json"})
    EXPECT_FALSE(keys::RevisionOfManifest(id, key)) << key;
}

RC_GTEST_PROP(KeysProperty, RevisionsAndRewritesNeverShareAKey, ()) {
  const SessionId id = SessionId::Parse("s").value();
  const auto small = rc::gen::inRange<uint32_t>(0, 4);
  const auto one = std::tuple(1 + *small, *small, std::string(*rc::gen::element("a", "b", "raw")));
  const auto two = std::tuple(1 + *small, *small, std::string(*rc::gen::element("a", "b", "raw")));
  const auto key = [&](const auto& of) {
    return keys::Raw(id, std::get<0>(of), std::get<1>(of), std::get<2>(of)).value();
  };
  RC_ASSERT((key(one) == key(two)) == (one == two));
}

TEST(KeysTest, LongRawKeysHaveAPlaceOfTheirOwn) {
  const SessionId id = SessionId::Parse("s").value();
  const auto raw = keys::Raw(id, 1, 0, std::string(817, 'x')).value();
  const std::string prefix = keys::ResultPrefix(id, "copy", "1", raw);
  EXPECT_EQ(prefix.size(), std::string_view("s/processed/copy-1/long-/").size() + 64);
  const auto name = keys::ParseRecord(id, keys::Receipt(prefix).value());
  ASSERT_TRUE(name);
  EXPECT_FALSE(name->input);  // only the record knows
  const auto places = keys::ResultPlaces(id, raw);
  EXPECT_NE(std::ranges::find(places, name->place), places.end());
}

TEST(KeysTest, OnlyHarmlessNamesOfOutputsAreKept) {
  const std::string prefix = "s/processed/p-1/raw/a/";
  for (const char* name : {"statistics.csv", "deep/er/x", "my-receipt.json", "x failure-1", "two words"})
    EXPECT_EQ(keys::Output(prefix, name).value().value(), prefix + name);
  EXPECT_EQ(keys::Output(prefix, "new\nline").value().value(), prefix + "new%0Aline");
  for (const std::string& name :
       {std::string("receipt.json"), std::string("x/receipt.json"), std::string("receipt.json/x"),
        std::string("failure-001.json"), std::string("x/failure-001.json"), std::string("attempt-x/y"),
        std::string("output-x"), std::string(1000, 'n')}) {
    const std::string key = keys::Output(prefix, name).value().value();
    EXPECT_TRUE(key.starts_with(prefix + "output-")) << name;
    EXPECT_EQ(key.size(), prefix.size() + 71) << name;
    EXPECT_TRUE(keys::IsOutputOf(prefix, name, key));
    EXPECT_FALSE(keys::IsOutputOf(prefix, name + "x", key));
  }
  EXPECT_FALSE(keys::Output(prefix, "../x"));
}

TEST(KeysTest, OtherKeysAreNoRecords) {
  const SessionId id = SessionId::Parse("s").value();
  for (const char* key :
       {"s/processed/p-1/raw/y/out.csv", "s/processed/p-1/raw/y/failure-.json", "s/processed/p-1/raw/y/failure-x.json",
        "s/processed/receipt.json", "s/processed/p-1/receipt.json", "s/processed/p-1/raw/receipt.json",
        "s/processed/p-1/elsewhere/y/receipt.json", "t/processed/p-1/raw/y/receipt.json", "s/raw/receipt.json",
        "s/processed/p-1/raw/y/failure-1.jsonx", "s/processed/p-1/raw/y/failure-1.json",
        "s/processed/p-1/raw/y/failure-000.json", "s/processed/p-1/long-5/receipt.json",
        "s/processed//raw/y/receipt.json"})
    EXPECT_FALSE(keys::ParseRecord(id, key)) << key;
}

TEST(KeysTest, OtherKeysAreNoRawFiles) {
  const SessionId id = SessionId::Parse("s").value();
  for (const char* key :
       {"s/raw/", "s/raw", "s/raw.r1/a", "s/raw.r0/a", "s/raw.r02/a", "s/raw.r2.w0/a", "s/raw.w1/a", "s/raw.r2.w1x/a",
        "t/raw/a", "s/raw/%41", "s/raw/a//b", "s/raws/a", "s/raw.r/a", "s/raw.rx/a"})
    EXPECT_FALSE(keys::ParseRaw(id, key)) << key;
}

TEST(KeysTest, DatasetsOwnersAndSessionsComeBack) {
  const SessionId id = SessionId::Parse("s").value();
  EXPECT_EQ(keys::ParseDatasetRecord(keys::DatasetRecord("fatigue-2026").value().value()), "fatigue-2026");
  for (const char* key : {".datasets/", ".datasets/.json", ".datasets/a/b.json", "datasets/a.json", ".datasets/a"})
    EXPECT_FALSE(keys::ParseDatasetRecord(key)) << key;
  EXPECT_TRUE(keys::IsOwner(id, keys::Owner(id).value()));
  EXPECT_FALSE(keys::IsOwner(id, "t/owner.json"));
  EXPECT_EQ(keys::ParseSessionPrefix(keys::SessionPrefix(id)), id);
  for (const char* folder : {"s", ".datasets/", "a/b/", "/", ""}) EXPECT_FALSE(keys::ParseSessionPrefix(folder));
}

// Relative and clean, as paths of files and names of outputs are; now and then as long as a key allows, or like ours.
std::string AnyPath() {
  const auto segment = rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(),
      rc::gen::element<std::string>("a", "b%", "raw", "receipt.json", "failure-001.json"),
      rc::gen::element<std::string>("attempt-x", "output-x", "long-x", std::string(200, 'l'), std::string(400, 'L')));
  std::string path;
  for (std::string one : *rc::gen::container<std::vector<std::string>>(*rc::gen::inRange(1, 4), segment)) {
    std::erase(one, '/');
    if (one.empty() || one == "." || one == "..") one = "x";
    path += (path.empty() ? "" : "/") + one;
  }
  return path;
}

RC_GTEST_PROP(KeysProperty, RawKeysComeBack, ()) {
  const SessionId id = SessionId::Parse(*rc::gen::element<std::string>("s", "raw", std::string(200, 's'))).value();
  const keys::RawName name{*rc::gen::inRange<uint32_t>(1, 20), *rc::gen::inRange<uint32_t>(0, 3), AnyPath()};
  const auto key = keys::Raw(id, name.revision, name.rewrite, name.path);
  if (!key) return;  // too long
  RC_ASSERT(keys::ParseRaw(id, key->value()) == name);
}

RC_GTEST_PROP(KeysProperty, RecordKeysComeBack, ()) {
  const SessionId id = SessionId::Parse(*rc::gen::element<std::string>("s", "raw", std::string(200, 's'))).value();
  const auto raw = keys::Raw(id, *rc::gen::inRange<uint32_t>(1, 3), 0, AnyPath());
  if (!raw) return;
  const auto processor = *rc::gen::element<std::string>("copy", "a-b", std::string(64, 'p'));
  const std::string prefix = keys::ResultPrefix(id, processor, "1-2", *raw);
  const auto number = *rc::gen::inRange<uint32_t>(0, 1200);
  const BlobKey key = number == 0 ? keys::Receipt(prefix) : keys::Failure(prefix, number);
  const auto name = keys::ParseRecord(id, key.value());
  RC_ASSERT(name.has_value());
  RC_ASSERT(name->key == key.value());
  RC_ASSERT(name->result_prefix() == prefix);
  RC_ASSERT(name->folder == processor + "-1-2");
  RC_ASSERT(name->receipt == (number == 0));
  RC_ASSERT(name->number == number);
  if (name->input) RC_ASSERT(name->input == keys::ParseRaw(id, raw->value()));
  const auto places = keys::ResultPlaces(id, *raw);
  RC_ASSERT(std::ranges::find(places, name->place) != places.end());
}

RC_GTEST_PROP(KeysProperty, OutputKeysComeBack, ()) {
  const SessionId id = SessionId::Parse(*rc::gen::element<std::string>("s", std::string(200, 's'))).value();
  const auto raw = keys::Raw(id, 1, 0, AnyPath());
  if (!raw) return;
  const std::string prefix = keys::ResultPrefix(id, "copy", "1", *raw);
  const auto name = AnyPath();
  const auto nonce = *rc::gen::element<std::string>("", "9f86d081884c7d65");
  const auto key = nonce.empty() ? keys::Output(prefix, name) : keys::AttemptOutput(prefix, nonce, name);
  RC_ASSERT(key.has_value());
  RC_ASSERT(keys::IsOutputOf(prefix, name, key->value()));
  RC_ASSERT(!keys::ParseRecord(id, key->value()));
  const auto parsed = keys::ParseOutput(prefix, key->value());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->nonce == nonce);
  if (parsed->name) RC_ASSERT(parsed->name == name);
}

TEST(SessionIdTest, IsOneSafeSegment) {
  for (const std::string text : {"s", "2026-11-23_run 7", "caf\xC3\xA9", "a.b", "-x", "%41", "x"})
    EXPECT_EQ(SessionId::Parse(text).value().value(), text);
  using namespace std::string_literals;
  for (const std::string& text : {""s, "."s, ".."s, ".hidden"s, "a/b"s, "a\\b"s, " a"s, "a "s, "a\nb"s, "\0"s, "\xFF"s,
                                  "\xE2\x80\xAE"s, "\xE2\x80\x8B"s, "\xEF\xBB\xBF"s, "\xEF\xBF\xBE"s, "\xEF\xBF\xBF"s,
                                  "\x7F"s, "\xC2\x85"s, std::string(201, 'x')}) {
    const auto id = SessionId::Parse(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(id.error().message.find("rename it at the source"), std::string::npos);
  }
}

RC_GTEST_PROP(SessionIdProperty, EveryIdCanOwnItsKeys, ()) {
  const auto id = SessionId::Parse(*testing::AnyText());
  if (!id) return;
  RC_ASSERT(keys::Owner(*id).value() == id->value() + "/owner.json");
  RC_ASSERT(keys::Manifest(*id, 1).has_value());
}

TEST(CheckNameTest, AcceptsPlainNames) {
  for (const char* name : {"a", "statistics", "rig_7", "v1.2-3", "_x"}) EXPECT_TRUE(CheckName("source", name)) << name;
  for (const std::string name : {"", ".a", "-a", "a b", "a/b", "caf\xC3\xA9", "a\n"}) {
    const auto status = CheckName("source", name);
    ASSERT_FALSE(status) << name;
    EXPECT_NE(status.error().message.find("source"), std::string::npos);
  }
  EXPECT_TRUE(CheckName("source", std::string(64, 'a')));
  EXPECT_FALSE(CheckName("source", std::string(65, 'a')));
}

TEST(StorageClassTest, NamesComeBack) {
  for (const auto c : {StorageClass::kStandard, StorageClass::kGlacierInstantRetrieval, StorageClass::kDeepArchive})
    EXPECT_EQ(ParseStorageClass(StorageClassName(c)), c);
  EXPECT_FALSE(ParseStorageClass("standard"));
  EXPECT_FALSE(ParseStorageClass(""));
}

TEST(StorageClassTest, TheChoiceIsTheCheaperOne) {
  const PriceTable prices;
  EXPECT_EQ(ChooseStorageClass(prices, ObjectKind::kRecord, 1ULL << 30), StorageClass::kStandard);
  EXPECT_EQ(ChooseStorageClass(prices, ObjectKind::kData, 1ULL << 30), StorageClass::kGlacierInstantRetrieval);
  EXPECT_EQ(ChooseStorageClass(prices, ObjectKind::kData, 1000), StorageClass::kStandard);
}

RC_GTEST_PROP(StorageClassProperty, NoOtherClassWouldCostLess, ()) {
  const PriceTable prices;
  const auto bytes = *rc::gen::inRange<uint64_t>(0, 1'000'000);
  const auto chosen = ChooseStorageClass(prices, ObjectKind::kData, bytes);
  for (const auto other : {StorageClass::kStandard, StorageClass::kGlacierInstantRetrieval})
    RC_ASSERT(StorageCost(prices, chosen, bytes, 120) <= StorageCost(prices, other, bytes, 120));
}

TEST(StorageClassTest, TheArchivePaysBackAboveItsBorder) {
  const PriceTable prices;
  const uint64_t border = ArchivePaybackBytes(prices, 12);
  EXPECT_GT(border, 1'000'000U);
  EXPECT_LT(border, 2'000'000U);
  EXPECT_LT(ArchivePaybackBytes(prices, 120), border);
  // Kept a year from the move on: archive's price with the move, against a year more of instant retrieval.
  const auto saved = [&](uint64_t bytes) {
    const double instant =
        StorageCost(prices, StorageClass::kGlacierInstantRetrieval, bytes, 12) - prices.instant_put_per_1000 / 1000;
    return instant - StorageCost(prices, StorageClass::kDeepArchive, bytes, 12);
  };
  EXPECT_GT(saved(border + 1000), 0);
  EXPECT_LT(saved(border - 1000), 0);
}

}  // namespace
}  // namespace seshat::records
