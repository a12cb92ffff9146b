#include "platform/search_segment/segment.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "core/base/edit_distance.h"
#include "core/query/text_match.h"
#include "platform/search_segment/count_bits.h"
#include "platform/search_segment/segment_builder.h"
#include "platform/search_segment/segment_merger.h"
#include "platform/search_segment/segment_query.h"
#include "platform/search_segment/word_list.h"
#include "platform/search_segment/word_signature.h"
#include "support/search_maker.h"

namespace seshat::search_segment {
namespace {

using testing::SearchMaker;

using Documents = std::vector<SessionDocument>;

Documents SomeDocuments(SearchMaker& maker, size_t count) {
  Documents documents;
  for (size_t i = 0; i < count; ++i) documents.push_back(maker.AnyDocument(fmt::format("s-{}", i), 1));
  return documents;
}

// Of the documents with these numbers, which are their sids too.
std::string Build(const Documents& documents, const std::vector<size_t>& numbers) {
  std::vector<NumberedDocument> numbered;
  for (const size_t i : numbers) numbered.push_back({i, &documents[i]});
  return BuildSegment(numbered);
}

Result<std::shared_ptr<const Segment>> Open(const std::string& content) {
  auto copy = std::make_shared<const std::vector<char>>(content.begin(), content.end());
  const std::string_view bytes(copy->data(), copy->size());
  return Segment::Open(std::move(copy), bytes);
}

// What a merge makes is, byte for byte, what would have been made of the documents that are left.
RC_GTEST_PROP(SegmentTest, MergingIsBuilding, (uint64_t seed)) {
  SearchMaker maker(seed, seed % 3 == 0);
  const auto documents = SomeDocuments(maker, 1 + maker.Below(40));
  std::vector<std::vector<size_t>> parts(1 + maker.Below(4));
  for (size_t i = 0; i < documents.size(); ++i) parts[maker.Below(parts.size())].push_back(i);
  std::vector<MergeSource> sources;
  std::vector<size_t> left;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    const auto segment = Open(Build(documents, part)).value();
    auto live = DocSet::All(segment->docs());
    for (size_t doc = 0; doc < segment->docs(); ++doc) {
      if (maker.Chance(4)) {
        live.Remove(doc);
      } else {
        left.push_back(segment->sids()[doc]);
      }
    }
    sources.push_back({segment, std::move(live)});
  }
  const auto merged = MergeSegments(sources).value();
  const auto built = Build(documents, left);
  const auto differ = std::ranges::mismatch(merged, built);
  RC_LOG() << "byte " << differ.in1 - merged.begin() << " of " << merged.size() << " and " << built.size();
  RC_ASSERT(differ.in1 == merged.end() && differ.in2 == built.end());
}

// Any bytes turned into others: refused, or read without harm.
RC_GTEST_PROP(SegmentTest, DamageDoesNoHarm, (uint64_t seed)) {
  SearchMaker maker(seed);
  const auto documents = SomeDocuments(maker, 30);
  std::vector<size_t> all(documents.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  auto content = Build(documents, all);
  for (size_t i = 1 + maker.Below(40); i > 0; --i)
    content[maker.Below(content.size())] = static_cast<char>(maker.Below(256));
  const auto segment = Open(content);
  if (!segment) return;
  const auto live = DocSet::All((*segment)->docs());
  for (int i = 0; i < 30; ++i) {
    auto query = SegmentQuery::Make(maker.AnyQuery(), {}).value();
    ScoreTrace trace;
    RC_ASSERT(query.Run(**segment, live, &trace).Count() <= live.docs());
  }
  std::vector<uint32_t> entries;
  for (const auto& field : (*segment)->fields()) {
    std::vector<uint32_t> counts(field.entries());
    RC_ASSERT(field.Count(live, counts) <= live.docs());
    for (size_t doc = 0; doc < live.docs(); ++doc) field.EntriesOf(doc, entries);
  }
  const MergeSource source{*segment, live};
  if (const auto merged = MergeSegments(std::span(&source, 1)); !merged)
    RC_ASSERT(merged.error().code == ErrorCode::kDataLoss);
}

TEST(SegmentTest, ADamagedHeaderIsRefused) {
  SearchMaker maker(7);
  const auto documents = SomeDocuments(maker, 3);
  const auto content = Build(documents, {0, 1, 2});
  ASSERT_TRUE(Open(content).has_value());
  for (size_t i = 0; i < sizeof(SegmentHeader); ++i) {
    auto damaged = content;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const auto opened = Open(damaged);
    ASSERT_FALSE(opened.has_value()) << i;
    EXPECT_TRUE(opened.error().code == ErrorCode::kDataLoss || opened.error().code == ErrorCode::kUnsupported);
  }
  EXPECT_FALSE(Open(content.substr(0, content.size() / 2)).has_value());
  EXPECT_FALSE(Open("").has_value());
}

// A column of each width, beginning and end of its blocks of 64 among the ranges.
TEST(SegmentTest, ColumnsFindRangesOfEveryWidth) {
  for (const size_t values : {3, 250, 300, 70'000}) {
    const size_t docs = std::min<size_t>(values * 2, 1000);
    const size_t each = values / docs + 1;
    Documents documents(docs);
    for (size_t i = 0; i < docs; ++i) {
      documents[i].session_id = fmt::format("s{:05}", i);
      for (size_t v = 0; v < each; ++v)
        documents[i].metadata.push_back({"n", metadata::TypeValue(std::to_string((i * each + v) % values))});
    }
    std::vector<size_t> all(docs);
    for (size_t i = 0; i < docs; ++i) all[i] = i;
    const auto segment = Open(Build(documents, all)).value();
    const auto* field = segment->Find(FieldKind::kMetadata, "n");
    ASSERT_NE(field, nullptr);
    ASSERT_EQ(field->entries(), std::min(values, docs * each));
    for (const uint32_t begin : {0U, 1U, field->entries() / 2}) {
      for (const uint32_t end : {begin + 1, field->entries() - 1, field->entries()}) {
        DocSet found(docs);
        field->AddDocs(begin, end, found);
        std::vector<uint32_t> entries;
        for (size_t doc = 0; doc < docs; ++doc) {
          entries.clear();
          field->EntriesOf(doc, entries);
          const bool within =
              std::ranges::any_of(entries, [&](uint32_t entry) { return entry >= begin && entry < end; });
          ASSERT_EQ(found.Has(doc), within) << values << " values, [" << begin << ", " << end << "), " << doc;
        }
      }
    }
  }
}

// Few values are counted by comparing columns with each of them, many by looking documents up; sparse sets too.
TEST(SegmentTest, DocumentsAreCountedByValue) {
  for (const size_t values : {1, 3, 15, 200, 300}) {
    constexpr size_t kDocs = 1000;  // no multiple of 64
    Documents documents(kDocs);
    std::vector<size_t> all(kDocs);
    for (size_t i = 0; i < kDocs; ++i) {
      all[i] = i;
      documents[i].session_id = fmt::format("s{:05}", i);
      if (i % 5 != 0) documents[i].metadata.push_back({"n", metadata::TypeValue(std::to_string(i * 7 % values))});
      if (i % 11 == 0) documents[i].metadata.push_back({"n", metadata::TypeValue(std::to_string(i % values))});
    }
    const auto segment = Open(Build(documents, all)).value();
    const auto* field = segment->Find(FieldKind::kMetadata, "n");
    ASSERT_NE(field, nullptr);
    for (const size_t step : {1, 2, 3, 100}) {
      DocSet docs(kDocs);
      for (size_t doc = 0; doc < kDocs; doc += step) docs.Add(doc);
      std::vector<uint32_t> expected(field->entries());
      size_t present = 0;
      docs.ForEach([&](size_t doc) {
        std::vector<uint32_t> entries;
        field->EntriesOf(doc, entries);
        present += entries.empty() ? 0 : 1;
        for (const uint32_t entry : entries) ++expected[entry];
      });
      std::vector<uint32_t> counts(field->entries());
      ASSERT_EQ(field->Count(docs, counts), present) << values << " values, every " << step;
      ASSERT_EQ(counts, expected) << values << " values, every " << step;
    }
  }
}

// The signature may let through too much, never too little.
RC_GTEST_PROP(SegmentTest, ASignatureLosesNoMisspelling, (uint64_t seed)) {
  SearchMaker maker(seed);
  std::string word;
  for (size_t i = 1 + maker.Below(12); i > 0; --i)
    word += static_cast<char>(maker.Chance(5) ? '0' + maker.Below(10) : 'a' + maker.Below(6));
  auto other = word;
  const size_t edits = maker.Below(4);
  for (size_t i = 0; i < edits; ++i) {
    const size_t at = maker.Below(other.size() + 1);
    const char letter = static_cast<char>(maker.Chance(5) ? '0' + maker.Below(10) : 'a' + maker.Below(6));
    switch (maker.Below(4)) {
      case 0:
        other.insert(at, 1, letter);
        break;
      case 1:
        if (at < other.size()) other.erase(at, 1);
        break;
      case 2:
        if (at < other.size()) other[at] = letter;
        break;
      default:
        if (at + 1 < other.size()) std::swap(other[at], other[at + 1]);
    }
  }
  // A letter that was swapped and then changed again may count as one more.
  const auto distance = Edits(word, other, 2 * edits);
  RC_ASSERT(distance.has_value());
  const std::vector<uint64_t> signatures = {WordSignature(other)};
  std::vector<uint32_t> found;
  FindNearWords(signatures, WordSignature(word), static_cast<unsigned>(2 * *distance), found);
  RC_ASSERT(found.size() == 1U);
}

TEST(SegmentTest, WordsAreFoundByNumberAndByBeginning) {
  Documents documents(1);
  documents[0].session_id = "s";
  for (int i = 0; i < 100; ++i)
    documents[0].metadata.push_back({"k", metadata::TypeValue(fmt::format("word{}", static_cast<char>('a' + i % 26)) +
                                                              std::string(static_cast<size_t>(i / 26), 'x'))});
  const auto segment = Open(Build(documents, {0})).value();
  WordCursor cursor(*segment, 0);
  std::vector<std::string> words;
  for (cursor.Seek(""); !cursor.at_end(); cursor.Next()) words.emplace_back(cursor.word());
  ASSERT_EQ(words.size(), 101U);
  ASSERT_TRUE(std::ranges::is_sorted(words));
  for (size_t i = 0; i < words.size(); ++i) {
    cursor.SeekNumber(i);
    ASSERT_FALSE(cursor.at_end());
    EXPECT_EQ(cursor.word(), words[i]);
    cursor.Seek(words[i]);
    ASSERT_FALSE(cursor.at_end());
    EXPECT_EQ(cursor.word(), words[i]);
    EXPECT_EQ(cursor.Postings().size(), 1U);
  }
  cursor.Seek("zzz");
  EXPECT_TRUE(cursor.at_end());
  cursor.SeekNumber(words.size());
  EXPECT_TRUE(cursor.at_end());
}

}  // namespace
}  // namespace seshat::search_segment
