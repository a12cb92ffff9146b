// Keys, ids and storage classes: what is accepted, and that nothing is lost on the way to a key and back.
#include "core/records/keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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
