#include "platform/aws_credentials/profile_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace seshat::aws {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// A '#' or ';' that stands after white space begins a comment.
std::string_view WithoutComment(std::string_view value) {
  for (size_t i = 0; i + 1 < value.size(); ++i) {
    if (kBlanks.find(value[i]) != std::string_view::npos && (value[i + 1] == '#' || value[i + 1] == ';'))
      return value.substr(0, i);
  }
  return value;
}

std::string_view Unquoted(std::string_view name) {
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
    return name.substr(1, name.size() - 2);
  return name;
}

// "profile lab" is {"profile", "lab"}; a name of one word has no kind.
std::pair<std::string_view, std::string_view> KindAndName(std::string_view header) {
  const size_t blank = header.find_first_of(kBlanks);
  if (blank == std::string_view::npos) return {"", header};
  return {header.substr(0, blank), Unquoted(Trim(header.substr(blank)))};
}

std::string NestedName(std::string_view group, std::string_view name) { return fmt::format("{}\n{}", group, name); }

}  // namespace

std::optional<std::string> ProfileSection::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.Expose();
}

Secret ProfileSection::SecretText(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? Secret() : found->second;
}

std::optional<std::string> ProfileSection::Nested(std::string_view group, std::string_view name) const {
  return Text(NestedName(group, name));
}

// Reads one file into the sections of all.
class ProfileFileParser {
 public:
  enum class Kind { kConfig, kCredentials };

  ProfileFileParser(ProfileFiles& files, Kind kind, const std::filesystem::path& path)
      : files_(files), kind_(kind), path_(path) {}

  Status Parse(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // an editor's byte order mark
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      SESHAT_TRY(TakeLine(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    // In the config file "[profile default]" stands above "[default]", whichever comes first.
    for (auto& [name, value] : plain_default_.values_) {
      if (!has_prefixed_default_) files_.profiles_["default"].values_.insert_or_assign(name, value);
    }
    return {};
  }

 private:
  Status TakeLine(std::string_view line) {
    const size_t indent = line.find_first_not_of(kBlanks);
    if (indent == std::string_view::npos || line.front() == '#' || line.front() == ';') return {};
    if (line.front() == '[') return TakeHeader(line);
    if (!in_section_) return Bad("it stands before the first [section]");
    if (!setting_.empty() && indent > setting_indent_) return TakeContinuation(Trim(line));
    return TakeSetting(Trim(line), indent);
  }

  Status TakeHeader(std::string_view line) {
    const size_t end = line.find(']');
    if (end == std::string_view::npos) return Bad("the ']' is missing");
    const std::string_view rest = Trim(line.substr(end + 1));
    if (!rest.empty() && rest.front() != '#' && rest.front() != ';') return Bad("there is something behind the ']'");
    in_section_ = true;
    setting_.clear();
    section_ = Open(Trim(line.substr(1, end - 1)));
    return {};
  }

  // Null for sections that mean nothing to us.
  ProfileSection* Open(std::string_view header) {
    const auto [kind, name] = KindAndName(header);
    if (kind_ == Kind::kCredentials) {
      if (kind.empty()) return &files_.profiles_[std::string(Unquoted(name))];
      return kind == "profile" ? nullptr : &files_.profiles_[std::string(Unquoted(header))];
    }
    if (kind == "services") return &files_.services_[std::string(name)];
    if (kind.empty() && name == "default") return &plain_default_;
    if (kind != "profile" || name.empty()) return nullptr;
    if (name == "default") has_prefixed_default_ = true;
    return &files_.profiles_[std::string(name)];
  }

  Status TakeSetting(std::string_view line, size_t indent) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return Bad("there is no '='");
    const std::string name = Lower(Trim(line.substr(0, equals)));
    if (name.empty()) return Bad("there is no name before the '='");
    setting_ = name;
    setting_indent_ = indent;
    if (section_ != nullptr)
      section_->values_.insert_or_assign(name, Secret(std::string(Trim(WithoutComment(line.substr(equals + 1))))));
    return {};
  }

  Status TakeContinuation(std::string_view line) {
    if (section_ == nullptr) return {};
    Secret& value = section_->values_[setting_];
    if (!value.empty()) {
      value = Secret(fmt::format("{}\n{}", value.Expose(), line));
      return {};
    }
    if (line.front() == '#' || line.front() == ';') return {};
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return Bad("there is no '='");
    section_->values_.insert_or_assign(NestedName(setting_, Lower(Trim(line.substr(0, equals)))),
                                       Secret(std::string(Trim(line.substr(equals + 1)))));
    return {};
  }

  std::unexpected<Error> Bad(std::string_view what) const {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: cannot be read: {}", path_.string(), line_, what));
  }

  ProfileFiles& files_;
  Kind kind_;
  const std::filesystem::path& path_;
  int line_ = 0;
  bool in_section_ = false;
  ProfileSection* section_ = nullptr;
  std::string setting_;  // the last one, to be continued
  size_t setting_indent_ = 0;
  ProfileSection plain_default_;
  bool has_prefixed_default_ = false;
};

Result<ProfileFiles> ProfileFiles::Parse(std::string_view config, const std::filesystem::path& config_path,
                                         std::string_view credentials, const std::filesystem::path& credentials_path) {
  ProfileFiles files;
  files.config_path_ = config_path;
  files.credentials_path_ = credentials_path;
  using Kind = ProfileFileParser::Kind;
  SESHAT_TRY(ProfileFileParser(files, Kind::kConfig, files.config_path_).Parse(config));
  SESHAT_TRY(ProfileFileParser(files, Kind::kCredentials, files.credentials_path_).Parse(credentials));
  return files;
}

const ProfileSection* ProfileFiles::FindProfile(std::string_view name) const {
  const auto found = profiles_.find(name);
  return found == profiles_.end() ? nullptr : &found->second;
}

const ProfileSection* ProfileFiles::FindServices(std::string_view name) const {
  const auto found = services_.find(name);
  return found == services_.end() ? nullptr : &found->second;
}

std::vector<std::string> ProfileFiles::ProfileNames() const {
  std::vector<std::string> names;
  for (const auto& [name, section] : profiles_) names.push_back(name);
  return names;
}

}  // namespace seshat::aws
