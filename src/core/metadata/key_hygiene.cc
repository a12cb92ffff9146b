#include "core/metadata/key_hygiene.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/base/edit_distance.h"
#include "core/metadata/key_words.h"
#include "core/metadata/units.h"

namespace seshat::metadata {
namespace {

// Shorter words are too often something else: "acc_x" and "acc_y", "op" and "operator".
constexpr size_t kShortestSlip = 5;
constexpr size_t kShortestBeginning = 3;

struct Key {
  const FieldInfo* info = nullptr;
  std::vector<std::string> words;  // without a unit at the end
  bool has_unit_word = false;
  bool numeric = false;
};

Key MakeKey(const FieldInfo& info) {
  Key key;
  key.info = &info;
  key.numeric = info.numbers * 2 > info.sessions;
  auto apart = TakeKeyApart(info.name);
  key.words = std::move(apart.words);
  if (key.words.size() > 1 && key.numeric && IsUnitWord(apart.last_as_written)) {
    key.words.pop_back();
    key.has_unit_word = true;
  }
  return key;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += word;
  return out;
}

std::string DigitsOf(std::string_view word) {
  std::string out;
  for (const char c : word)
    if (c >= '0' && c <= '9') out += c;
  return out;
}

// Each word is the other's or its beginning; at least one is not the same.
bool IsShortened(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.size() != b.size()) return false;
  bool shorter = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    const auto& begin = a[i].size() < b[i].size() ? a[i] : b[i];
    const auto& whole = a[i].size() < b[i].size() ? b[i] : a[i];
    if (begin.size() < kShortestBeginning || !whole.starts_with(begin) || DigitsOf(begin) != DigitsOf(whole))
      return false;
    shorter = true;
  }
  return shorter;
}

// One word differs, by one letter that is no digit.
bool IsSlip(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.size() != b.size()) return false;
  size_t slips = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (std::min(a[i].size(), b[i].size()) < kShortestSlip || DigitsOf(a[i]) != DigitsOf(b[i]) ||
        !WithinEdits(a[i], b[i], 1))
      return false;
    ++slips;
  }
  return slips == 1;
}

// Keys by the groups that they are joined into.
class Groups {
 public:
  explicit Groups(std::span<const FieldInfo> fields) : parents_(fields.size()) {
    for (const auto& field : fields) keys_.push_back(MakeKey(field));
    std::iota(parents_.begin(), parents_.end(), size_t{0});
  }

  void JoinEqualLetters() {
    std::map<std::string, std::vector<size_t>> same;
    for (size_t i = 0; i < keys_.size(); ++i) same[Joined(keys_[i].words)].push_back(i);
    for (const auto& [letters, members] : same)
      for (const size_t other : members) {
        if (other == members[0]) continue;
        const bool unit = keys_[members[0]].has_unit_word != keys_[other].has_unit_word;
        Join(members[0], other, unit ? Likeness::kUnitSuffix : Likeness::kSpelling);
      }
  }

  // Only pairs that share something are compared: `shared` gives what a key has in common with its likes.
  void JoinPairs(Likeness likeness, const std::function<std::set<std::string>(const Key&)>& shared,
                 const std::function<bool(const Key&, const Key&)>& alike) {
    std::map<std::string, std::vector<size_t>> sharing;
    for (size_t i = 0; i < keys_.size(); ++i)
      for (const auto& text : shared(keys_[i])) sharing[text].push_back(i);
    for (const auto& [text, members] : sharing) {
      // So many keys with one beginning are a numbered family, not slips of each other.
      constexpr size_t kMaxSharing = 200;
      if (members.size() > kMaxSharing) continue;
      for (size_t i = 0; i < members.size(); ++i)
        for (size_t j = i + 1; j < members.size(); ++j)
          if (keys_[members[i]].numeric == keys_[members[j]].numeric && alike(keys_[members[i]], keys_[members[j]]))
            Join(members[i], members[j], likeness);
    }
  }

  std::vector<LikeKeys> Take(const FieldAliases& aliases) {
    std::map<size_t, std::vector<size_t>> members;
    for (size_t i = 0; i < keys_.size(); ++i) members[Root(i)].push_back(i);
    std::map<size_t, std::set<Likeness>> reasons;
    for (const auto& [member, likeness] : reasons_) reasons[Root(member)].insert(likeness);
    std::vector<LikeKeys> out;
    for (const auto& [root, list] : members) {
      LikeKeys like;
      std::set<std::vector<std::string>> aliased;
      for (const size_t member : list) {
        like.keys.push_back({keys_[member].info->name, keys_[member].info->sessions});
        aliased.insert(aliases.Group(keys_[member].info->name));
      }
      if (aliased.size() < 2) continue;
      std::ranges::sort(like.keys, {}, [](const auto& key) { return std::pair(~key.sessions, key.name); });
      like.reasons.assign(reasons[root].begin(), reasons[root].end());
      out.push_back(std::move(like));
    }
    return out;
  }

 private:
  size_t Root(size_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  void Join(size_t a, size_t b, Likeness likeness) {
    reasons_.emplace_back(a, likeness);
    parents_[Root(b)] = Root(a);
  }

  std::vector<Key> keys_;
  std::vector<size_t> parents_;
  std::vector<std::pair<size_t, Likeness>> reasons_;
};

// The key with each letter left out once: two keys one slip apart share one of these.
std::set<std::string> WithoutOneLetter(const Key& key) {
  const auto letters = Joined(key.words);
  std::set<std::string> out{letters};
  for (size_t i = 0; i < letters.size(); ++i) out.insert(letters.substr(0, i) + letters.substr(i + 1));
  return out;
}

// The beginnings of its words.
std::set<std::string> Beginning(const Key& key) {
  std::string out;
  for (const auto& word : key.words) out += word.substr(0, kShortestBeginning) + "_";
  return {out};
}

uint64_t SessionsBeyondFirst(const LikeKeys& like) {
  uint64_t sum = 0;
  for (size_t i = 1; i < like.keys.size(); ++i) sum += like.keys[i].sessions;
  return sum;
}

std::string UnitName(const std::string& unit) { return unit.empty() ? "without" : unit; }

void AddTypeConflict(const FieldInfo& field, std::vector<KeyConflict>& out) {
  std::vector<std::pair<uint64_t, std::string_view>> types{
      {field.numbers, "number"}, {field.dates, "date"}, {field.booleans, "boolean"}, {field.texts, "text"}};
  std::erase_if(types, [](const auto& type) { return type.first == 0; });
  if (types.size() < 2) return;
  std::ranges::stable_sort(types, std::ranges::greater{}, [](const auto& type) { return type.first; });
  KeyConflict conflict{KeyConflict::What::kTypes, field.name, "", 0};
  for (const auto& [count, name] : types)
    conflict.detail += fmt::format("{}{} {}", conflict.detail.empty() ? "" : ", ", name, count);
  for (size_t i = 1; i < types.size(); ++i) conflict.sessions += types[i].first;
  out.push_back(std::move(conflict));
}

void AddUnitConflict(const FieldInfo& field, std::vector<KeyConflict>& out) {
  if (field.units.size() < 2) return;
  const bool missing = std::ranges::any_of(field.units, [](const auto& unit) { return unit.value.empty(); });
  MetadataValue first;
  first.number = 1;
  bool foreign = false;
  for (const auto& unit : field.units) {
    if (unit.value.empty()) continue;
    if (first.unit.empty()) first.unit = unit.value;
    foreign |= !ConvertNumber(first, unit.value).has_value();
  }
  if (!missing && !foreign) return;
  KeyConflict conflict{foreign ? KeyConflict::What::kUnits : KeyConflict::What::kMissingUnits, field.name, "", 0};
  for (const auto& unit : field.units)
    conflict.detail += fmt::format("{}{} {}", conflict.detail.empty() ? "" : ", ", UnitName(unit.value), unit.count);
  for (size_t i = 1; i < field.units.size(); ++i) conflict.sessions += field.units[i].count;
  out.push_back(std::move(conflict));
}

}  // namespace

std::string_view LikenessName(Likeness likeness) {
  switch (likeness) {
    case Likeness::kSpelling:
      return "spelling";
    case Likeness::kUnitSuffix:
      return "unit suffix";
    case Likeness::kShortened:
      return "shortened";
    case Likeness::kSlip:
      return "slip";
  }
  return "";
}

std::vector<LikeKeys> FindLikeKeys(std::span<const FieldInfo> fields, const FieldAliases& aliases) {
  Groups groups(fields);
  groups.JoinEqualLetters();
  groups.JoinPairs(Likeness::kShortened, Beginning,
                   [](const Key& a, const Key& b) { return IsShortened(a.words, b.words); });
  groups.JoinPairs(Likeness::kSlip, WithoutOneLetter,
                   [](const Key& a, const Key& b) { return IsSlip(a.words, b.words); });
  auto out = groups.Take(aliases);
  std::ranges::sort(out, {}, [](const LikeKeys& like) {
    return std::tuple(~SessionsBeyondFirst(like), std::string_view(like.keys[0].name));
  });
  return out;
}

FieldAlias AliasFor(const LikeKeys& keys) {
  FieldAlias alias;
  for (const auto& key : keys.keys) {
    if (alias.name.empty()) {
      alias.name = key.name;
    } else {
      alias.others.push_back(key.name);
    }
  }
  return alias;
}

std::vector<KeyConflict> FindKeyConflicts(std::span<const FieldInfo> fields) {
  std::vector<KeyConflict> out;
  for (const auto& field : fields) {
    AddTypeConflict(field, out);
    AddUnitConflict(field, out);
  }
  std::ranges::stable_sort(out, std::ranges::greater{}, &KeyConflict::sessions);
  return out;
}

}  // namespace seshat::metadata
