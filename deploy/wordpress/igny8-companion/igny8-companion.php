<?php
/**
 * Plugin Name:       IGNY8 Companion
 * Description:       Lets IGNY8 write the titles, descriptions and keyphrases of Yoast SEO and Rank Math over the REST API, and find its own posts by their key.
 * Version:           1.0.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * License:           GPLv2 or later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 *
 * This program is free software; you can redistribute it and/or modify it under the terms of the GNU General Public
 * License as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later
 * version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
 * warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.
 */

namespace Igny8\Companion;

defined( 'ABSPATH' ) || exit;

const POST_TYPES = array( 'post', 'page' );
const OWN_KEY    = 'publisher_external_id';
const SEO_KEYS   = array(
	'_yoast_wpseo_title',
	'_yoast_wpseo_metadesc',
	'_yoast_wpseo_focuskw',
	'rank_math_title',
	'rank_math_description',
	'rank_math_focus_keyword',
);

/**
 * One line of plain text. sanitize_text_field() is not used: it takes "%ca" out of "100%caffeine" for an octet.
 */
function one_line( $value ) {
	$text = wp_check_invalid_utf8( is_scalar( $value ) ? (string) $value : '' );
	if ( false !== strpos( $text, '<' ) ) {
		$text = wp_strip_all_tags( wp_pre_kses_less_than( $text ) );
	}
	return trim( preg_replace( '/[\s\x00-\x1f\x7f]+/', ' ', $text ) );
}

function own_key( $value ) {
	return is_scalar( $value ) ? preg_replace( '/[^A-Za-z0-9_:-]/', '', (string) $value ) : '';
}

/**
 * Keys that begin with "_" are nobody's to write without this.
 */
function may_edit( $allowed, $key, $post_id, $user_id ) {
	return user_can( $user_id, 'edit_post', $post_id );
}

function meta_of( $sanitize, $shown ) {
	return array(
		'type'              => 'string',
		'single'            => true,
		'default'           => '',
		'sanitize_callback' => __NAMESPACE__ . '\\' . $sanitize,
		'auth_callback'     => __NAMESPACE__ . '\\may_edit',
		'show_in_rest'      => array(
			'schema' => array(
				'type'    => 'string',
				'context' => $shown,
			),
		),
	);
}

/**
 * After all others: what an SEO plugin offers by itself stays as it made it.
 */
function register_keys() {
	foreach ( POST_TYPES as $type ) {
		foreach ( SEO_KEYS as $key ) {
			$known = get_registered_meta_keys( 'post', $type ) + get_registered_meta_keys( 'post' );
			if ( empty( $known[ $key ]['show_in_rest'] ) ) {
				register_post_meta( $type, $key, meta_of( 'one_line', array( 'view', 'edit' ) ) );
			}
		}
		register_post_meta( $type, OWN_KEY, meta_of( 'own_key', array( 'edit' ) ) );
	}
}
add_action( 'init', __NAMESPACE__ . '\\register_keys', 99 );

function with_filter( $params ) {
	$params[ OWN_KEY ] = array(
		'description' => 'Limit result set to the posts that carry this key of their publisher.',
		'type'        => 'string',
	);
	return $params;
}

/**
 * Who may not edit such posts finds none: an answer would tell whether a key is there.
 */
function find_own( $query, $request ) {
	$wanted = $request[ OWN_KEY ];
	if ( null === $wanted || '' === $wanted ) {
		return $query;
	}
	$type = get_post_type_object( $query['post_type'] );
	if ( ! $type || ! current_user_can( $type->cap->edit_posts ) ) {
		$query['post__in'] = array( 0 );
		return $query;
	}
	$query['meta_query']   = isset( $query['meta_query'] ) ? $query['meta_query'] : array();
	$query['meta_query'][] = array(
		'key'   => OWN_KEY,
		'value' => (string) $wanted,
	);
	return $query;
}

foreach ( POST_TYPES as $type ) {
	add_filter( "rest_{$type}_collection_params", __NAMESPACE__ . '\\with_filter' );
	add_filter( "rest_{$type}_query", __NAMESPACE__ . '\\find_own', 10, 2 );
}
